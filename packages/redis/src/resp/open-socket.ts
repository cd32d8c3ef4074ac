import { connect as connectNet, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

/** Where a server is, and how it is reached. */
export interface SocketTarget {
  readonly host: string
  readonly port: number
  /** A unix socket, instead of host and port. */
  readonly path: string | undefined
  readonly tls: ConnectionOptions | undefined
  readonly socketKeepalive: boolean
  readonly socketKeepaliveIdleMs: number
}

/** What happens on a socket. */
export interface SocketEvents {
  /** It can be written to; TLS has checked the certificate. */
  readonly onOpen: () => void
  /** The first `length` bytes are new. They are overwritten after the call. */
  readonly onBytes: (bytes: Buffer, length: number) => void
  /** Told once. `undefined`: the other side has closed it. */
  readonly onEnd: (error: Error | undefined) => void
}

/** As much as is read at once. One piece of memory for the life of a connection, not one per answer. */
const readBytes = 64 * 1024

/** Begins to connect. */
export function openSocket(target: SocketTarget, events: SocketEvents): Socket {
  const isPlain = target.tls === undefined || target.path !== undefined
  const socket = isPlain ? openPlain(target, events) : openTls(target, events)
  let reason: Error | undefined
  socket.once('connect', () => {
    socket.setNoDelay(true)
    socket.setKeepAlive(target.socketKeepalive, target.socketKeepaliveIdleMs)
  })
  socket.on('error', (error) => {
    reason = error
  })
  socket.on('close', () => events.onEnd(reason))
  return socket
}

function openPlain(target: SocketTarget, { onOpen, onBytes }: SocketEvents): Socket {
  const { host, port, path } = target
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  const callback = (length: number) => {
    onBytes(buffer, length)
    return true
  }
  const place = path === undefined ? { host, port } : { path }
  return connectNet({ ...place, onread: { buffer, callback } }, onOpen)
}

function openTls(target: SocketTarget, { onOpen, onBytes }: SocketEvents): Socket {
  const { host, port, tls } = target
  // An address is no name (RFC 6066); Node checks the certificate against the host all the same.
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = connectTls({ ...name, ...tls, host, port }, onOpen)
  return socket.on('data', (bytes: Buffer) => onBytes(bytes, bytes.length))
}
