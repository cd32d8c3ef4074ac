import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
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
  if (!isGroupRunning(record)) return
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
  const gone = await waitUntil(() => !isGroupRunning(record), { timeoutMs: graceMs })
  if (!gone) await killGroup(record)
}

/** Ends the process and its group at once, and waits until all of them are gone, with their ports and files. */
export async function killGroup(record: ProcessRecord): Promise<void> {
  signalGroup(record, 'SIGKILL')
  const gone = await waitUntil(() => !isGroupRunning(record), { timeoutMs: 10_000 })
  if (!gone) throw new Error(`Process ${record.pid} is still there 10 s after SIGKILL`)
}

/** A group outlives its leader, whose number nobody else gets as long. */
function isGroupRunning(leader: ProcessRecord): boolean {
  const started = startOf(leader.pid)
  return started === undefined ? hasMembers(leader.pid) : started === leader.started
}

function hasMembers(group: number): boolean {
  if (process.platform !== 'linux') return hasMembersByPs(group)
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.some((pid) => statOf(Number(pid))?.group === group)
}

function hasMembersByPs(group: number): boolean {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' })
  return stdout.split('\n').some((line) => {
    const [pgid, state = ''] = line.trim().split(/\s+/)
    return Number(pgid) === group && !state.startsWith('Z')
  })
}

/** When a process started, in words of the system; `undefined` for no process and for one that has ended. */
function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? statOf(pid)?.started : startByPs(pid)
}

/** A process that has not ended. Source: proc(5), /proc/pid/stat. */
function statOf(pid: number): { readonly group: number; readonly started: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, a name in parentheses, may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // Fields 3, 5, 20 and 22. The start is in clock ticks.
    const [state, group, threads, started = ''] = [fields[0], fields[2], fields[17], fields[19]]
    // Its first thread may be gone before the others, which keep its ports and files open until they are.
    if (state === 'Z' && Number(threads) <= 1) return undefined
    return { group: Number(group), started }
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
