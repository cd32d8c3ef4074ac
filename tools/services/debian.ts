import { execFile } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { UnavailableError } from './broker.ts'
import { withLock } from './lock.ts'

const run = promisify(execFile)

// Debian asks this program before a package starts a service; 101 means "must not be started".
const policy = '/usr/sbin/policy-rc.d'

let listsAreFresh = false

/** Why Debian packages cannot be installed here, or `undefined` when they can. */
export function debianRefusal(): string | undefined {
  if (!existsSync('/usr/bin/apt-get')) return 'this system has no apt-get to install it with'
  if (process.getuid?.() !== 0) return 'only root may install it with apt-get'
  return undefined
}

/**
 * Installs Debian packages without starting anything that they bring.
 *
 * @throws {UnavailableError} with the words of apt-get.
 */
export async function installDebianPackages(names: readonly string[]): Promise<void> {
  await withLock('debian', async () => {
    const addedPolicy = !existsSync(policy)
    if (addedPolicy) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
    try {
      if (!listsAreFresh) await aptGet('update')
      listsAreFresh = true
      await aptGet('install', '--yes', '--no-install-recommends', ...names)
    } finally {
      if (addedPolicy) rmSync(policy)
    }
  })
}

async function aptGet(...args: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    await run('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], { env })
  } catch (error) {
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    throw new UnavailableError(`"apt-get ${args.join(' ')}" failed: ${words.trim()}`, {
      cause: error,
    })
  }
}
