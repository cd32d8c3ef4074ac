/**
 * The few parts of amqplib that it does not document and that we use: the bytes.
 *
 * amqplib connects, authenticates, negotiates, beats and keeps channels. It cannot read what Kombu sends (it ends the
 * connection at the field type `L`), cannot write what Kombu ≤ 5.5 reads, and spends most of its time per message on
 * copies. So frames that carry messages pass it by: `recvFrame` is ours, and `sendBytes` takes frames that we wrote.
 * The version is pinned because of this file, and looked at when a connection is opened.
 */
import type { Duplex } from 'node:stream'
import { UnsupportedError } from '@dashi/messaging/transport'
import type { Channel, ChannelModel } from 'amqplib'

/** amqplib's `Connection`. */
export interface RawConnection {
  readonly stream: Duplex
  readonly frameMax: number
  readonly heartbeat: number
  readonly serverProperties: Readonly<Record<string, unknown>>
  /** Bytes that have come and are no whole frame yet. */
  rest: Buffer
  /** Looked at by its heartbeats. */
  recvSinceLastCheck: boolean
  /** Called until there is no frame any more, whenever bytes have come. */
  recvFrame(): unknown
  /** Writes at once, past everything that amqplib has queued. */
  sendBytes(bytes: Buffer): void
}

/** @throws {UnsupportedError} another amqplib than the one this was made for. */
export function rawConnectionOf(model: ChannelModel): RawConnection {
  // Undocumented, hence untyped: what is used is looked at here.
  const raw = model.connection as unknown as RawConnection
  const isAsExpected =
    typeof raw.recvFrame === 'function' &&
    typeof raw.sendBytes === 'function' &&
    typeof raw.frameMax === 'number' &&
    typeof raw.stream?.read === 'function' &&
    Buffer.isBuffer(raw.rest)
  if (isAsExpected) return raw
  throw otherVersion()
}

/** The number of a channel. */
export function channelNumberOf(channel: Channel): number {
  // As above.
  const { ch } = channel as unknown as { readonly ch: unknown }
  if (typeof ch === 'number') return ch
  throw otherVersion()
}

function otherVersion(): UnsupportedError {
  return new UnsupportedError(
    'This amqplib is not the one that @dashi/amqp was made for. Install the version in its package.json',
  )
}
