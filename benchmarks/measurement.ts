/** Runs one measurement in a process of its own, on a core of its own where the machine allows. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Measurement, Workload } from './measure.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('measure.ts', import.meta.url))

/** Longest time of one measurement. */
const timeoutMs = 120_000

/** What to measure, and on which broker. */
export interface MeasurementOrder {
  readonly contender: string
  readonly url: string
  readonly workload: Workload
}

/** @throws {Error} what the contender printed, when it failed. */
export async function measureInProcess(order: MeasurementOrder): Promise<Measurement> {
  const { contender, url, workload } = order
  const args = ['--conditions=@dashi/source', program, contender, url, JSON.stringify(workload)]
  const { stdout } = await run(process.execPath, args, { timeout: timeoutMs })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measurement
}
