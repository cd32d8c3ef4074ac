import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment, StartedBroker } from './broker.ts'
import { peersFolder } from './places.ts'
import { isRunning, type ProcessRecord, processRecord, stopGroup } from './process.ts'

/** What runs in the background, as remembered on disk. */
export interface BrokerRecord extends StartedBroker {
  /** The process that stops it, when it is not for all: without it, this is an orphan. */
  readonly owner?: ProcessRecord
}

const folder = join(peersFolder, 'running')

/** What is remembered under a name: that of a broker, or one made by `rememberPrivate`. */
export function recall(name: string): BrokerRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Every name under which something is remembered. */
export function recallNames(): readonly string[] {
  mkdirSync(folder, { recursive: true })
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
}

/** Remembers what was started, until `forget`. */
export function remember(name: string, record: BrokerRecord): void {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name}.json`)
  // Written aside and renamed, so that no reader sees half of it.
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(record, undefined, 2)}\n`)
  renameSync(`${path}.${process.pid}`, path)
}

/** Remembers a server that only this process uses, so that it is found if this process is killed. */
export function rememberPrivate(started: StartedBroker): string {
  const name = `private-${started.processes.map(({ pid }) => pid).join('-')}`
  const owner = processRecord(process.pid)
  remember(name, owner === undefined ? started : { ...started, owner })
  return name
}

/** Removes the memory only; what runs goes on. */
export function forget(name: string): void {
  rmSync(join(folder, `${name}.json`), { force: true })
}

/** Stops what is remembered, removes its data, and forgets it. */
export async function release(name: string): Promise<void> {
  const record = recall(name)
  for (const one of record?.processes ?? []) await stopGroup(one)
  for (const one of record?.folders ?? []) rmSync(one, { recursive: true, force: true })
  forget(name)
}

/** Stops private servers whose owner is gone. */
export async function sweepOrphans(): Promise<void> {
  for (const name of recallNames()) {
    const owner = recall(name)?.owner
    if (owner !== undefined && !isRunning(owner)) await release(name)
  }
}

/** The variables of all brokers for all that are running. */
export function runningEnvironment(): Environment {
  const records = recallNames().flatMap((name) => recall(name) ?? [])
  const usable = records.filter(
    ({ owner, processes }) => owner === undefined && processes.every(isRunning),
  )
  return Object.assign({}, ...usable.map(({ environment }) => environment))
}
