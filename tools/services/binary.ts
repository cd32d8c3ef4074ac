import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { UnavailableError } from './broker.ts'
import { debianRefusal, installDebianPackages } from './debian.ts'

// Servers are often in folders that are not on the path of a user.
const more = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/** The path of a program, or `undefined` when it is not installed. */
export function findBinary(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...more]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/**
 * The path of a program, which is installed from a Debian package if it must and can be.
 *
 * @throws {UnavailableError} saying why it is not here and cannot be had.
 */
export async function obtainBinary(name: string, debianPackage: string): Promise<string> {
  const found = findBinary(name)
  if (found !== undefined) return found
  const refusal = debianRefusal()
  if (refusal !== undefined) {
    throw new UnavailableError(`"${name}" is not installed, and ${refusal}`)
  }
  await installDebianPackages([debianPackage])
  const installed = findBinary(name)
  if (installed !== undefined) return installed
  throw new UnavailableError(`the Debian package "${debianPackage}" has no program "${name}"`)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
