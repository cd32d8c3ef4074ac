/** Finds modules of peers installed for a benchmark. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Where the peers of benchmarks are installed. Not in `node_modules`: `npm ci` empties that. */
export const peersFolder: string = fileURLToPath(new URL('../.peers/bench/', import.meta.url))

/** A module installed by `install-peers.ts`, seen through the part of it that a benchmark uses. */
export async function peerModule<Module>(name: string): Promise<Module> {
  const path = createRequire(join(peersFolder, 'package.json')).resolve(name)
  // The caller names the part that it relies on; a benchmark that is wrong about it fails at once.
  return (await import(pathToFileURL(path).href)) as Module
}
