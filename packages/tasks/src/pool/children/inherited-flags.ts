/** Flags that say what this process runs, or that belong to it alone. Those with a value may have it as the next argument. */
const ownFlags: ReadonlySet<string> = new Set(['-c', '--check', '-i', '--interactive'])
const ownFlagsWithValue: ReadonlySet<string> = new Set([
  '-e',
  '--eval',
  '-p',
  '--print',
  '-pe',
  '--input-type',
  '--run',
])
/** A debugger's port cannot be listened on twice; a watcher restarts the worker, which restarts its children. */
const ownPrefixes: readonly string[] = ['--inspect', '--debug-port', '--test', '--watch']

/**
 * The flags of this process that its children get: conditions, imports, limits. Not those that say what to run: a child that ran
 * the worker's `--eval` would be a worker, with children that are workers.
 */
export function inheritedFlags(execArgv: readonly string[]): readonly string[] {
  const inherited: string[] = []
  for (let index = 0; index < execArgv.length; index += 1) {
    const flag = execArgv[index] ?? ''
    const [name = ''] = flag.split('=', 1)
    if (ownFlagsWithValue.has(name)) index += name === flag ? 1 : 0
    else if (!ownFlags.has(name) && !ownPrefixes.some((prefix) => name.startsWith(prefix))) {
      inherited.push(flag)
    }
  }
  return inherited
}
