/**
 * A Python program of `peers/`, as a child process.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

/** How a program is started. */
export interface PythonOptions {
  /** The interpreter. */
  readonly python: string
  /** The program's file name, in `peers/`. */
  readonly program: string
  readonly args?: readonly string[]
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>
}

/** A child all of whose ends are pipes. */
export type PythonProcess = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * Starts a program and resolves when its process runs. What it writes comes without delay.
 *
 * @throws {Error} when the interpreter cannot be started.
 */
export async function startPython(options: PythonOptions): Promise<PythonProcess> {
  const { python, program, args = [], environment = {} } = options
  const path = join(import.meta.dirname, 'peers', program)
  const child = spawn(python, ['-u', path, ...args], {
    // No caches beside the sources.
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  await once(child, 'spawn')
  return child
}
