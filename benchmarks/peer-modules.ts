/** Finds modules that are not ours: peers installed for a benchmark, and what one of our packages depends on. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Where the peers of benchmarks are installed. Not in `node_modules`: `npm ci` empties that. */
export const peersFolder: string = fileURLToPath(new URL('../.peers/bench/', import.meta.url))

/** A module installed by `install-peers.ts`, seen through the part of it that a benchmark uses. */
export function peerModule<Module>(name: string): Promise<Module> {
  return load(join(peersFolder, 'package.json'), name)
}

/** A dependency of one of our packages. */
export function packageModule<Module>(folder: string, name: string): Promise<Module> {
  const manifest = new URL(`../packages/${folder}/package.json`, import.meta.url)
  return load(fileURLToPath(manifest), name)
}

async function load<Module>(from: string, name: string): Promise<Module> {
  const path = createRequire(from).resolve(name)
  // The caller names the part that it relies on; a benchmark that is wrong about it fails at once.
  return (await import(pathToFileURL(path).href)) as Module
}
