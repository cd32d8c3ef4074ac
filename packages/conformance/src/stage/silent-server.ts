/** A broker that hangs: for `TransportSetup.unreachable`. */
import { createServer } from 'node:net'

/** A listening server without a voice. */
export interface SilentServer {
  readonly port: number
  close(): void
}

/** A server that accepts connections and never says a word. */
export async function silentServer(): Promise<SilentServer> {
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer((socket) => {
    sockets.add(socket)
    // Whoever gives up resets it.
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port to listen on')
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { port: address.port, close }
}
