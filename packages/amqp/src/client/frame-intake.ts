/** What comes in: frames with messages go straight to their channel, the others to amqplib. */
import {
  basicAck,
  basicDeliver,
  basicGetOk,
  basicNack,
  basicRecoverOk,
  basicReturn,
  type Content,
  ContentAssembly,
} from '../wire/content.ts'
import { type Frame, FrameReader } from '../wire/frame-reader.ts'
import type { RawConnection } from './amqplib-internals.ts'

/** A channel's end of the connection. Called synchronously, in order. */
export interface FrameReceiver {
  onDelivery(content: Content): void
  onReturn(content: Content): void
  /** The answer to `basic.get`, before amqplib resolves it. */
  onGot(content: Content): void
  onConfirm(deliveryTag: number, confirm: Confirm): void
  /** What was delivered before this has been given back, what comes after has not. */
  onRecovered(): void
}

/** The broker's word on what was published. */
export interface Confirm {
  readonly multiple: boolean
  readonly isTaken: boolean
}

// Where no limit was agreed, there is one all the same: a header must not make us wait for gigabytes.
const unlimitedFrameBytes = 64 * 1024 * 1024

const methodFrame = 1
const headerFrame = 2
const bodyFrame = 3

/** What amqplib is given in place of the message that `basic.get` brought: one without properties and body. */
const emptyHeader = Buffer.from([
  headerFrame,
  0,
  0,
  0,
  0,
  0,
  14,
  0,
  60,
  ...new Array(12).fill(0),
  0xce,
])

/** Installs itself between the socket and amqplib. */
export class FrameIntake {
  readonly #raw: RawConnection
  readonly #amqplibFrame: () => unknown
  readonly #reader: FrameReader
  readonly #receivers = new Map<number, FrameReceiver>()
  readonly #assemblies = new Map<number, ContentAssembly>()
  /** When the broker was last heard, by `performance.now()`. */
  lastHeardAt: number = performance.now()

  constructor(raw: RawConnection) {
    this.#raw = raw
    this.#amqplibFrame = raw.recvFrame.bind(raw)
    this.#reader = new FrameReader(Math.min(raw.frameMax, unlimitedFrameBytes), raw.rest)
    raw.rest = Buffer.alloc(0)
    raw.recvFrame = () => this.#next()
  }

  register(channel: number, receiver: FrameReceiver): void {
    this.#receivers.set(channel, receiver)
  }

  unregister(channel: number): void {
    this.#receivers.delete(channel)
    this.#assemblies.delete(channel)
  }

  /** The next frame that is for amqplib, as it wants it; `false` when there is none. */
  #next(): unknown {
    if (this.#raw.rest.length > 0) return this.#amqplibFrame()
    for (;;) {
      const frame = this.#reader.next()
      if (frame === undefined) {
        if (!this.#readMore()) return false
      } else if (!this.#takes(frame)) {
        this.#raw.rest = frame.bytes
        return this.#amqplibFrame()
      } else if (this.#raw.rest.length > 0) {
        return this.#amqplibFrame()
      }
    }
  }

  #readMore(): boolean {
    const chunk: Buffer | null = this.#raw.stream.read()
    if (chunk === null) return false
    this.#raw.recvSinceLastCheck = true
    this.lastHeardAt = performance.now()
    this.#reader.push(chunk)
    return true
  }

  /** Whether it was for us. */
  #takes(frame: Frame): boolean {
    if (frame.type === bodyFrame) return this.#takesPart(frame, 'body')
    if (frame.type === headerFrame) return this.#takesPart(frame, 'header')
    return frame.type === methodFrame && this.#takesMethod(frame)
  }

  #takesMethod(frame: Frame): boolean {
    const { channel, payload } = frame
    const method = payload.readUInt32BE(0)
    const fields = payload.subarray(4)
    switch (method) {
      case basicDeliver:
      case basicReturn:
      case basicGetOk:
        this.#assemblies.set(channel, new ContentAssembly(method, fields))
        // amqplib waits for the answer to its basic.get, and gets the method now and an empty message later.
        return method !== basicGetOk
      case basicAck:
      case basicNack: {
        const deliveryTag = fields.readUInt32BE(0) * 2 ** 32 + fields.readUInt32BE(4)
        const confirm = { multiple: ((fields[8] ?? 0) & 1) === 1, isTaken: method === basicAck }
        this.#receivers.get(channel)?.onConfirm(deliveryTag, confirm)
        return true
      }
      case basicRecoverOk:
        this.#receivers.get(channel)?.onRecovered()
        return false
      default:
        return false
    }
  }

  #takesPart(frame: Frame, part: 'header' | 'body'): boolean {
    const { channel, payload } = frame
    const assembly = this.#assemblies.get(channel)
    if (assembly === undefined) return false
    const content = part === 'header' ? assembly.addHeader(payload) : assembly.addBody(payload)
    if (content === undefined) return true
    this.#assemblies.delete(channel)
    this.#hand(channel, content)
    return true
  }

  /** A channel that was closed here hears no more; the broker may not know yet. */
  #hand(channel: number, content: Content): void {
    const receiver = this.#receivers.get(channel)
    if (content.method === basicDeliver) {
      receiver?.onDelivery(content)
    } else if (content.method === basicReturn) {
      receiver?.onReturn(content)
    } else {
      receiver?.onGot(content)
      const header = Buffer.from(emptyHeader)
      header.writeUInt16BE(channel, 1)
      this.#raw.rest = header
    }
  }
}
