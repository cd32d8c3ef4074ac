/** Installs what the benchmarks measure against, once for each version of the list. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { peersFolder } from './peer-modules.ts'

const wanted = fileURLToPath(new URL('peers/package.json', import.meta.url))

/** Resolves when the peers are there. */
export async function installPeers(): Promise<void> {
  const manifest = join(peersFolder, 'package.json')
  const isCurrent =
    existsSync(join(peersFolder, 'node_modules')) &&
    readFileSync(manifest, 'utf8') === readFileSync(wanted, 'utf8')
  if (isCurrent) return
  mkdirSync(peersFolder, { recursive: true })
  cpSync(wanted, manifest)
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund'], { cwd: peersFolder })
}
