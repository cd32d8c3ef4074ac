/** A bare `LPUSH` with the client that Redis recommends: what a publish should hardly exceed. */
import { body, type Contender, pump } from '../contender.ts'
import { peerModule } from '../peer-modules.ts'

interface BareClient {
  connect(): Promise<unknown>
  sendCommand(args: readonly string[]): Promise<unknown>
  destroy(): void
}

interface RedisClientModule {
  readonly createClient: (options: object) => BareClient
}

/** On a Redis URL. Pushes a text as long as our envelope of the same body. */
export async function makeContender(url: string): Promise<Contender> {
  const { createClient } = await peerModule<RedisClientModule>('@redis/client')
  const client = createClient({ url, commandOptions: { timeout: 0 } })
  await client.connect()
  const payload = 'x'.repeat(Buffer.from(JSON.stringify(body)).toString('base64').length + 260)
  return {
    publish: (count, inFlight) =>
      pump(count, inFlight, () => client.sendCommand(['LPUSH', 'bench', payload])),
    drain: async () => {
      throw new Error('LPUSH does not consume')
    },
    close: async () => client.destroy(),
  }
}
