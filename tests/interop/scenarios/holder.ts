/** A process of ours that takes one message and holds it, until it is killed. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process with a message in its hands. */
export interface Holder {
  /** SIGKILL. */
  kill(): Promise<void>
}

const program = fileURLToPath(new URL('holder-process.ts', import.meta.url))

/** Resolves when it holds a message of the queue. */
export async function startHolder(
  url: string,
  queue: string,
  transportOptions: Readonly<Record<string, number>>,
): Promise<Holder> {
  const child = fork(program, [url, queue, JSON.stringify(transportOptions)])
  const [event] = await Promise.race([once(child, 'message'), exitOf(child)])
  if (event !== 'holding') throw new Error(`The holder ended early with ${event}`)
  return {
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
