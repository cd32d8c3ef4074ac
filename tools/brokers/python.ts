import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Broker, type StartedBroker, UnavailableError } from '../services/broker.ts'
import { debianRefusal, installDebianPackages } from '../services/debian.ts'
import { peersFolder } from '../services/places.ts'

const run = promisify(execFile)

/** The variables that name the interpreters, and the release of Kombu and Celery that each has. */
const peers = {
  DASHI_TEST_PYTHON_56: '5.6',
  DASHI_TEST_PYTHON_52: '5.2',
} as const

type Release = (typeof peers)[keyof typeof peers]

/**
 * Python with Kombu and Celery, to test against: no process, but a virtual environment for each
 * release, made once from `python/<release>.txt` and made again when that file changes.
 */
export const broker: Broker = {
  name: 'python',
  variables: Object.keys(peers),
  isUp: async (environment) =>
    Object.entries(peers).every(([variable, release]) => {
      const path = environment[variable] ?? ''
      return existsSync(path) && (path !== interpreterOf(release) || isCurrent(release))
    }),
  start,
}

async function start(): Promise<StartedBroker> {
  const environment: Record<string, string> = {}
  for (const [variable, release] of Object.entries(peers)) {
    environment[variable] = await virtualEnvironment(release)
  }
  return { environment, processes: [], folders: [] }
}

/** Resolves to the path of the interpreter. */
async function virtualEnvironment(release: Release): Promise<string> {
  const interpreter = interpreterOf(release)
  if (isCurrent(release)) return interpreter
  const folder = folderOf(release)
  rmSync(folder, { recursive: true, force: true })
  await python(await systemPython(), '-m', 'venv', folder)
  await python(
    interpreter,
    '-m',
    'pip',
    'install',
    '--disable-pip-version-check',
    '--quiet',
    '-r',
    requirementsOf(release),
  )
  // Last, so that an interrupted installation is not taken for a finished one.
  writeFileSync(madeFrom(release), fingerprint(release))
  return interpreter
}

/** Whether the environment was made, to its end, from the requirements as they are now. */
function isCurrent(release: Release): boolean {
  const path = madeFrom(release)
  return existsSync(path) && readFileSync(path, 'utf8') === fingerprint(release)
}

function fingerprint(release: Release): string {
  return createHash('sha256')
    .update(readFileSync(requirementsOf(release)))
    .digest('hex')
}

function folderOf(release: Release): string {
  return join(peersFolder, `python-${release}`)
}

function interpreterOf(release: Release): string {
  return join(folderOf(release), 'bin', 'python')
}

function madeFrom(release: Release): string {
  return join(folderOf(release), 'made-from.sha256')
}

function requirementsOf(release: Release): string {
  return join(import.meta.dirname, 'python', `${release}.txt`)
}

/** A Python that can make virtual environments. */
async function systemPython(): Promise<string> {
  const found = await firstWithVenv(['python3.11', 'python3'])
  if (found !== undefined) return found
  const refusal = debianRefusal()
  if (refusal !== undefined) {
    throw new UnavailableError(`there is no Python 3 with its "venv" module, and ${refusal}`)
  }
  await installDebianPackages(['python3-venv'])
  return '/usr/bin/python3'
}

async function firstWithVenv(names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    try {
      await run(name, ['-c', 'import venv, ensurepip'])
      return name
    } catch {
      // Not installed, or without the module: the next one may do.
    }
  }
  return undefined
}

async function python(interpreter: string, ...args: readonly string[]): Promise<void> {
  try {
    await run(interpreter, args, { timeout: 600_000 })
  } catch (error) {
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    throw new UnavailableError(
      `"${interpreter} ${args.join(' ')}" failed: ${words.trim().slice(-2_000)}`,
      {
        cause: error,
      },
    )
  }
}
