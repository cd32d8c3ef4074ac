/** Frames that we write ourselves: publishing and settling. Source: AMQP 0-9-1, 4.2.3 and 1.8.3. */
import { type OutgoingMessage, PublishError } from '@dashi/messaging/transport'
import { writeContentHeader } from './properties.ts'
import type { WriteBuffer } from './write-buffer.ts'

const methodFrame = 1
const headerFrame = 2
const bodyFrame = 3
const frameEnd = 0xce
/** Type, channel and size before the payload, the end after it. */
export const frameOverhead = 8

const basicClass = 60
const publishMethod = 40
const ackMethod = 80
const nackMethod = 120

/** Where a message is written. */
export interface PublishTarget {
  readonly channel: number
  /** The largest frame that both sides agreed on. */
  readonly frameMax: number
}

/**
 * Writes a message as the frames of `basic.publish`.
 *
 * @returns bytes of its body, properties and headers.
 * @throws {EncodeError} `NOT_ENCODABLE`; {PublishError} `TOO_LARGE`: its headers do not fit into a frame.
 */
export function writePublish(
  out: WriteBuffer,
  message: OutgoingMessage,
  target: PublishTarget,
): number {
  const { channel, frameMax } = target
  const { body, exchange, routingKey } = message
  const method = beginFrame(out, methodFrame, channel)
  out.uint16(basicClass).uint16(publishMethod).uint16(0)
  if (!out.shortText(exchange)) throw nameTooLong('exchange', exchange)
  if (!out.shortText(routingKey)) throw nameTooLong('routing key', routingKey)
  out.uint8(message.mandatory ? 1 : 0)
  endFrame(out, method)

  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const header = beginFrame(out, headerFrame, channel)
  writeContentHeader(out, message, bytes.length)
  const headerBytes = endFrame(out, header)
  if (headerBytes + frameOverhead > frameMax) throw headersTooLarge(message, headerBytes, frameMax)
  writeBody(out, bytes, target)
  return headerBytes + bytes.length
}

function writeBody(out: WriteBuffer, bytes: Uint8Array, target: PublishTarget): void {
  const most = target.frameMax - frameOverhead
  for (let at = 0; at < bytes.length; at += most) {
    const part = at === 0 && bytes.length <= most ? bytes : bytes.subarray(at, at + most)
    out.uint8(bodyFrame).uint16(target.channel).longBytes(part).uint8(frameEnd)
  }
}

/** Writes `basic.ack`. */
export function writeAck(
  out: WriteBuffer,
  channel: number,
  settlement: { readonly deliveryTag: number; readonly multiple: boolean },
): void {
  out.uint8(methodFrame).uint16(channel).uint32(13)
  out.uint16(basicClass).uint16(ackMethod)
  out.uint64(settlement.deliveryTag)
  out.uint8(settlement.multiple ? 1 : 0).uint8(frameEnd)
}

/** Writes `basic.nack`, RabbitMQ's `basic.reject` for one or more. */
export function writeNack(
  out: WriteBuffer,
  channel: number,
  settlement: {
    readonly deliveryTag: number
    readonly multiple: boolean
    readonly requeue: boolean
  },
): void {
  const { deliveryTag, multiple, requeue } = settlement
  out.uint8(methodFrame).uint16(channel).uint32(13)
  out.uint16(basicClass).uint16(nackMethod)
  out.uint64(deliveryTag)
  out.uint8((multiple ? 1 : 0) | (requeue ? 2 : 0)).uint8(frameEnd)
}

function beginFrame(out: WriteBuffer, type: number, channel: number): number {
  return out.uint8(type).uint16(channel).reserveLength()
}

/** @returns the size of its payload. */
function endFrame(out: WriteBuffer, start: number): number {
  const size = out.mark - start
  out.fillLength(start)
  out.uint8(frameEnd)
  return size
}

function nameTooLong(what: string, name: string): PublishError {
  return new PublishError(
    'NOT_ENCODABLE',
    `Cannot publish with ${what} "${name.slice(0, 60)}…": AMQP names have at most 255 bytes`,
  )
}

function headersTooLarge(message: OutgoingMessage, bytes: number, frameMax: number): PublishError {
  return new PublishError(
    'TOO_LARGE',
    `Cannot publish to exchange "${message.exchange}": properties and headers take ${bytes} bytes, and have to fit into one frame of ${frameMax}. ` +
      'Move large headers into the body, or raise "frameMax" here and in the broker',
  )
}
