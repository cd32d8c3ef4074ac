/** What Kombu's test_redis.py adds. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { Connection, ConnectionError } from '@dashi/messaging'
import { startRedis } from '../../../tools/brokers/redis.ts'
import { anyPorts } from '../../../tools/services/port.ts'
import { certificateFor } from './certificate.ts'
import type { Mirror, Mirrors, Stage } from './mirror.ts'

const ofOurs = { places: ['redis'], sides: 'ours' } as const satisfies Partial<Mirror>

async function failedCredentials({ urls }: Stage): Promise<void> {
  const url = new URL(urls.at(-1) ?? '')
  url.username = 'wrong_redis_user'
  url.password = 'wrong_redis_password'
  await using connection = new Connection(url.href)
  await assert.rejects(connection.connect(), { code: 'ACCESS_REFUSED' })
}

/** A server that accepts and says nothing. */
async function connectTimeout(): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const connection = new Connection(`redis://127.0.0.1:${port}`, { connectTimeoutMs: 300 })
  await assert.rejects(connection.connect(), (error: unknown) => {
    return error instanceof ConnectionError || (error as Error).name === 'TimeoutError'
  })
  await connection.close()
  server.close()
}

/** The certificate is right, but for another host. */
async function checkHostname(): Promise<void> {
  const certificate = await certificateFor('elsewhere.test')
  const [tlsPort = 0] = await anyPorts(1)
  const { key, cert } = certificate
  const files = ['--tls-key-file', key, '--tls-cert-file', cert, '--tls-ca-cert-file', cert]
  const args = ['--tls-port', String(tlsPort), '--tls-auth-clients', 'no', ...files]
  await using _ = await startRedis({ args })
  const url = `rediss://127.0.0.1:${tlsPort}?ssl_ca_certs=${encodeURIComponent(cert)}`
  await using trusting = new Connection(`${url}&ssl_check_hostname=false`)
  await trusting.connect()
  await using checking = new Connection(`${url}&ssl_check_hostname=true`)
  await assert.rejects(checking.connect(), ConnectionError)
  await rm(join(cert, '..'), { recursive: true })
}

/** Four tests. */
export const redisMirrors: Mirrors = {
  test_failed_credentials: { ...ofOurs, run: failedCredentials },
  'test_RedisBasicFunctionality.test_failed_connection__ConnectionError': {
    ...ofOurs,
    run: async ({ nowhere }) => {
      await using connection = new Connection(nowhere, { connectTimeoutMs: 1_000 })
      const refused = { code: 'CONNECTION_REFUSED' }
      await assert.rejects(connection.connect(), refused)
      await assert.rejects(connection.connect(), ConnectionError)
    },
  },
  test_RedisConnectTimeout: { ...ofOurs, run: connectTimeout },
  test_RedisConnection_check_hostname: { ...ofOurs, run: checkHostname },
}
