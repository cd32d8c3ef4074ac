/** A relay on the loopback that can go silent, or say what nobody sent: networks as they are on bad days. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A running relay to one server. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** Nothing goes through any more on the connections that are there; new ones work. */
  freeze(): void
  /** Says something to the clients of all connections, between whole pieces of the server's. */
  inject(bytes: Uint8Array): void
}

/** Listens on a port that is free. */
export async function startTcpProxy(target: {
  readonly port: number
  readonly host?: string
}): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host ?? '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    client.pipe(upstream)
    upstream.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port to listen on')
  return {
    port: address.port,
    freeze() {
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream)
        upstream.unpipe(client)
        client.pause()
        upstream.pause()
      }
    },
    inject(bytes) {
      for (const [client] of pairs) client.write(bytes)
    },
    async [Symbol.asyncDispose]() {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}
