import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { waitUntil } from './wait.ts'

/** A process that can be told apart from a later one with the same number. */
export interface ProcessRecord {
  readonly pid: number
  readonly started: string
}

/** Remembers a running process, or `undefined` when there is none with this number. */
export function processRecord(pid: number): ProcessRecord | undefined {
  const started = startOf(pid)
  return started === undefined ? undefined : { pid, started }
}

/** Whether the very process that was remembered is still running. */
export function isRunning({ pid, started }: ProcessRecord): boolean {
  return startOf(pid) === started
}

/** Signals the group that the process leads; nothing happens when it is gone. */
export function signalGroup(record: ProcessRecord, signal: NodeJS.Signals): void {
  if (!isRunning(record)) return
  try {
    process.kill(-record.pid, signal)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** Ends the process and its group: SIGTERM first, SIGKILL after `graceMs` (10 s). */
export async function stopGroup(record: ProcessRecord, graceMs = 10_000): Promise<void> {
  signalGroup(record, 'SIGTERM')
  // A group that was paused gets the signal only when it goes on.
  signalGroup(record, 'SIGCONT')
  const gone = await waitUntil(() => !isRunning(record), { timeoutMs: graceMs })
  if (!gone) await killGroup(record)
}

/** Ends the process and its group at once, and waits until the process is gone. */
export async function killGroup(record: ProcessRecord): Promise<void> {
  signalGroup(record, 'SIGKILL')
  const gone = await waitUntil(() => !isRunning(record), { timeoutMs: 10_000 })
  if (!gone) throw new Error(`Process ${record.pid} is still there 10 s after SIGKILL`)
}

/** When a process started, in words of the system; `undefined` for no process and for a zombie. */
function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid)
}

/** Source: proc(5), /proc/pid/stat: field 3 is the state, field 22 the start in clock ticks. */
function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, a name in parentheses, may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function startByPs(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() || undefined
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(ENOENT|ESRCH)$/.test(String(error.code))
}
