import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { obtainBinary } from '../services/binary.ts'
import type { Broker, Environment, StartedBroker } from '../services/broker.ts'
import { answersOn, anyPorts, freePort } from '../services/port.ts'
import { ServerProcess, temporaryFolder } from '../services/server-process.ts'

/** Files for a TLS listener, in PEM. */
export interface RabbitmqTls {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
  /** Whether a client must show a certificate of the authority. Default: false. */
  readonly requiresClientCertificate?: boolean
}

/** How a RabbitMQ node is started. */
export interface RabbitmqOptions {
  /** Four: AMQP, management, Erlang's distribution, epmd. Default: ports that are free. */
  readonly ports?: readonly number[]
  /** A second listener with TLS, on a port that is free. Default: none. */
  readonly tls?: RabbitmqTls
  /** Further plugins. The management plugin is always on. */
  readonly plugins?: readonly string[]
  /** Further lines of `rabbitmq.conf`. */
  readonly settings?: readonly string[]
  /** Whether it goes on when this process ends. Default: false. */
  readonly survives?: boolean
}

/** A RabbitMQ node on the loopback, with addresses that stay when it is killed and started again. */
export interface RabbitmqServer extends AsyncDisposable {
  readonly url: string
  /** Of the listener with TLS, if there is one. */
  readonly tlsUrl: string | undefined
  readonly managementUrl: string
  /** `kill()` and `start()` again, on the same data, leave the ports as they are. */
  readonly process: ServerProcess
  /** Erlang's port mapper, which must outlive the node. */
  readonly epmd: ServerProcess
  /** Runs `rabbitmqctl`, which takes about a second. Resolves to what it printed. */
  control(...args: readonly string[]): Promise<string>
}

const run = promisify(execFile)
const firstSharedPort = 17_672

/**
 * Starts a RabbitMQ node of one's own and resolves when it answers: about ten seconds.
 *
 * @throws {UnavailableError} when there is no RabbitMQ and none can be installed.
 */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<RabbitmqServer> {
  const { survives = false, tls } = options
  const [amqp = 0, management = 0, distribution = 0, epmdPort = 0] =
    options.ports ?? (await anyPorts(4))
  const [tlsPort = 0] = tls === undefined ? [] : await anyPorts(1)
  const ports = { amqp, management, distribution, epmd: epmdPort, tls: tlsPort }
  const scripts = await rabbitmqScripts()
  await using started = new AsyncDisposableStack()
  const epmd = started.use(await startEpmd(ports.epmd, survives))
  const folder = temporaryFolder('rabbitmq')
  const environment = writeConfiguration(folder, ports, options)
  const node = started.use(
    new ServerProcess({
      name: 'rabbitmq',
      command: join(scripts, 'rabbitmq-server'),
      args: [],
      environment,
      folder,
      survives,
      readyTimeoutMs: 120_000,
      isReady: () => isHealthy(ports.amqp, ports.management),
    }),
  )
  await node.start()
  const stop = started.move()
  return {
    url: `amqp://guest:guest@127.0.0.1:${ports.amqp}//`,
    tlsUrl: tls && `amqps://guest:guest@localhost:${ports.tls}//`,
    managementUrl: `http://guest:guest@127.0.0.1:${ports.management}`,
    process: node,
    epmd,
    control: async (...args) => {
      const command = ['-q', '-n', nodeName, ...args]
      const env = { ...process.env, ...environment }
      return (await run(join(scripts, 'rabbitmqctl'), command, { env, timeout: 60_000 })).stdout
    },
    [Symbol.asyncDispose]: () => stop.disposeAsync(),
  }
}

/** Where a node is that tests share; they use names of their own. */
export interface SharedRabbitmq extends AsyncDisposable {
  readonly url: string
  readonly managementUrl: string
}

/** The node that the environment names, or else one of one's own, which ends with the test. */
export async function sharedRabbitmq(): Promise<SharedRabbitmq> {
  const url = process.env['DASHI_TEST_RABBITMQ_URL']
  const managementUrl = process.env['DASHI_TEST_RABBITMQ_MANAGEMENT_URL']
  if (url === undefined || managementUrl === undefined) return await startRabbitmq()
  return { url, managementUrl, [Symbol.asyncDispose]: () => Promise.resolve() }
}

export const broker: Broker = {
  name: 'rabbitmq',
  variables: ['DASHI_TEST_RABBITMQ_URL', 'DASHI_TEST_RABBITMQ_MANAGEMENT_URL'],
  isUp: ({ DASHI_TEST_RABBITMQ_URL = '', DASHI_TEST_RABBITMQ_MANAGEMENT_URL = '' }) =>
    isHealthy(
      Number(new URL(DASHI_TEST_RABBITMQ_URL).port),
      Number(new URL(DASHI_TEST_RABBITMQ_MANAGEMENT_URL).port),
    ),
  start: startShared,
}

async function startShared(): Promise<StartedBroker> {
  const ports: number[] = []
  for (let count = 0; count < 4; count += 1) {
    ports.push(await freePort((ports.at(-1) ?? firstSharedPort - 1) + 1))
  }
  const { url, managementUrl, process: node, epmd } = await startRabbitmq({ ports, survives: true })
  return {
    environment: {
      DASHI_TEST_RABBITMQ_URL: url,
      DASHI_TEST_RABBITMQ_MANAGEMENT_URL: managementUrl,
    },
    // epmd last: the node says goodbye to it.
    processes: [node, epmd].flatMap(({ record }) => record ?? []),
    folders: [node.folder, epmd.folder],
  }
}

const nodeName = 'dashi@localhost'

/** Debian's program on the path changes to another user and another folder; the scripts do not. */
async function rabbitmqScripts(): Promise<string> {
  const found = await obtainBinary('rabbitmq-server', 'rabbitmq-server')
  const debian = '/usr/lib/rabbitmq/bin'
  return existsSync(join(debian, 'rabbitmq-server')) ? debian : join(found, '..')
}

/** One of our own: a node without one starts a daemon that stays. */
async function startEpmd(port: number, survives: boolean): Promise<ServerProcess> {
  const epmd = new ServerProcess({
    name: 'epmd',
    command: await obtainBinary('epmd', 'erlang-base'),
    args: ['-port', String(port), '-address', '127.0.0.1'],
    survives,
    isReady: () => answersOn(port),
  })
  await epmd.start()
  return epmd
}

interface RabbitmqPorts {
  readonly amqp: number
  readonly management: number
  readonly distribution: number
  readonly epmd: number
  readonly tls: number
}

/** @returns the environment that leads the node to what was written. */
function writeConfiguration(
  folder: string,
  ports: RabbitmqPorts,
  options: RabbitmqOptions,
): Environment {
  const plugins = ['rabbitmq_management', ...(options.plugins ?? [])]
  mkdirSync(join(folder, 'home'))
  writeFileSync(join(folder, 'home', '.erlang.cookie'), crypto.randomUUID(), { mode: 0o400 })
  writeFileSync(join(folder, 'enabled_plugins'), `[${plugins.join(',')}].\n`)
  writeFileSync(join(folder, 'rabbitmq.conf'), `${configuration(ports, options).join('\n')}\n`)
  return {
    HOME: join(folder, 'home'),
    LANG: 'C.UTF-8',
    RABBITMQ_NODENAME: nodeName,
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // One scheduler that does not spin: the machine is the tests', too.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none',
  }
}

function configuration(ports: RabbitmqPorts, options: RabbitmqOptions): readonly string[] {
  const { tls, settings = [] } = options
  return [
    `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${ports.management}`,
    'loopback_users = none',
    'log.console = true',
    'log.file = false',
    'disk_free_limit.absolute = 50MB',
    ...(tls === undefined ? [] : tlsConfiguration(ports.tls, tls)),
    ...settings,
  ]
}

function tlsConfiguration(port: number, tls: RabbitmqTls): readonly string[] {
  const isRequired = tls.requiresClientCertificate === true
  return [
    `listeners.ssl.1 = 127.0.0.1:${port}`,
    `ssl_options.cacertfile = ${tls.caFile}`,
    `ssl_options.certfile = ${tls.certFile}`,
    `ssl_options.keyfile = ${tls.keyFile}`,
    `ssl_options.verify = ${isRequired ? 'verify_peer' : 'verify_none'}`,
    `ssl_options.fail_if_no_peer_cert = ${isRequired}`,
  ]
}

/** The management plugin says when all virtual hosts are there, which is after the port opens. */
async function isHealthy(amqp: number, management: number): Promise<boolean> {
  if (!(await answersOn(amqp))) return false
  const url = `http://127.0.0.1:${management}/api/health/checks/virtual-hosts`
  const authorization = `Basic ${btoa('guest:guest')}`
  try {
    const { ok } = await fetch(url, {
      headers: { authorization },
      signal: AbortSignal.timeout(2_000),
    })
    return ok
  } catch {
    // Nobody listens yet.
    return false
  }
}
