import { obtainBinary } from '../services/binary.ts'
import { type Broker, type StartedBroker, UnavailableError } from '../services/broker.ts'
import { composeUp } from '../services/compose.ts'
import { anyPorts, freePort } from '../services/port.ts'
import { askRedis } from '../services/redis-request.ts'
import { ServerProcess } from '../services/server-process.ts'

/** How a Redis server is started. */
export interface RedisServerOptions {
  /** Default: one that is free. */
  readonly port?: number
  /** Whether every write is on disk before it is answered, so that it outlives `kill()`. Default: false. */
  readonly appendonly?: boolean
  /** Further settings, in the form of the command line: `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[]
  /** Where its data is. Default: a new temporary folder, removed by `stop()`. */
  readonly folder?: string
  /** Whether it goes on when this process ends. Default: false. */
  readonly survives?: boolean
  /** The program. Default: what `DASHI_TEST_REDIS_SERVER` names, or `redis-server`. */
  readonly command?: string
}

/** A Redis server on the loopback, with an address that stays when it is killed and started again. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly process: ServerProcess
}

/** The port of the Redis server that all tests share, unless something else listens there. */
const sharedPort = 17_379

/**
 * Starts a Redis server of one's own and resolves when it answers.
 *
 * `server.process` has `kill()`, `start()` (again, on the same data), `signal()` and `stop()`.
 *
 * @throws {UnavailableError} when there is no `redis-server` and none can be installed.
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { appendonly = false, args = [], folder, survives = false } = options
  const port = options.port ?? (await anyPorts(1))[0] ?? sharedPort
  const server = new ServerProcess({
    name: 'redis',
    command: options.command ?? (await serverProgram()),
    args: [...baseArgs(port), ...appendonlyArgs(appendonly), ...args],
    ...(folder === undefined ? {} : { folder }),
    survives,
    isReady: () => answersPing(port),
  })
  await server.start()
  return {
    url: redisUrl(port),
    port,
    process: server,
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

/** Another server with the same protocol, such as Valkey, can take the place of the installed one in all tests. */
async function serverProgram(): Promise<string> {
  return (
    process.env['DASHI_TEST_REDIS_SERVER'] ?? (await obtainBinary('redis-server', 'redis-server'))
  )
}

export const broker: Broker = {
  name: 'redis',
  variables: ['DASHI_TEST_REDIS_URL'],
  isUp: ({ DASHI_TEST_REDIS_URL = '' }) =>
    answersPing(Number(new URL(DASHI_TEST_REDIS_URL).port || 6379)),
  start: startShared,
}

async function startShared(): Promise<StartedBroker> {
  try {
    const { url, process } = await startRedis({ port: await freePort(sharedPort), survives: true })
    const environment = { DASHI_TEST_REDIS_URL: url }
    const processes = process.record === undefined ? [] : [process.record]
    return { environment, processes, folders: [process.folder] }
  } catch (error) {
    if (error instanceof UnavailableError) return startContainer(error)
    throw error
  }
}

async function startContainer(before: UnavailableError): Promise<StartedBroker> {
  try {
    await composeUp('redis')
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    throw new UnavailableError(`${before.message}; ${error.message}`, { cause: error })
  }
  const environment = { DASHI_TEST_REDIS_URL: redisUrl(sharedPort) }
  return { environment, processes: [], folders: [], composeService: 'redis' }
}

function redisUrl(port: number): string {
  return `redis://127.0.0.1:${port}/0`
}

async function answersPing(port: number): Promise<boolean> {
  return (await askRedis(port, 'PING')).startsWith('+PONG')
}

function baseArgs(port: number): readonly string[] {
  return [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    '.',
    '--save',
    '',
    '--logfile',
    '',
  ]
}

function appendonlyArgs(appendonly: boolean): readonly string[] {
  return appendonly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
}
