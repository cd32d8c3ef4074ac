/** A process of ours that takes one message and holds it, until it is killed. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process with a message in its hands. */
export interface Holder {
  readonly leaseMs: number
  /** SIGKILL. */
  kill(): Promise<void>
}

const program = fileURLToPath(new URL('holder-process.ts', import.meta.url))
const leaseMs = 1000

/** Resolves when it holds a message of the queue. */
export async function startHolder(url: string, queue: string): Promise<Holder> {
  const child = fork(program, [url, queue, String(leaseMs)])
  const [event] = await Promise.race([once(child, 'message'), exitOf(child)])
  if (event !== 'holding') throw new Error(`The holder ended early with ${event}`)
  return {
    leaseMs,
    kill: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function exitOf(child: ChildProcess): Promise<unknown[]> {
  return await once(child, 'exit')
}
