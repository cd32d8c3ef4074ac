import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { UnavailableError } from './broker.ts'
import { repository } from './places.ts'

const run = promisify(execFile)

/**
 * Starts a service of `compose.yaml` and resolves when it is healthy.
 *
 * @throws {UnavailableError} when no container engine answers, or it cannot have the image.
 */
export async function composeUp(service: string): Promise<void> {
  try {
    await run('docker', ['info'], { timeout: 10_000 })
  } catch (error) {
    throw new UnavailableError('no container engine answers "docker info"', { cause: error })
  }
  try {
    await compose('up', '--detach', '--wait', service)
  } catch (error) {
    throw new UnavailableError(`"docker compose up ${service}" failed: ${error}`, { cause: error })
  }
}

/** Stops a service and removes its container with its data. */
export async function composeDown(service: string): Promise<void> {
  await compose('rm', '--stop', '--force', '--volumes', service)
}

async function compose(...args: readonly string[]): Promise<void> {
  await run('docker', ['compose', ...args], { cwd: repository, timeout: 300_000 })
}
