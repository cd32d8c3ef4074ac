/**
 * Who may import whom between packages. A package that is not listed is a transport.
 *
 * cli → monitor → tasks → messaging ← transports; the suites of `conformance` are for tests only.
 */
export const packageRules: Readonly<Record<string, readonly string[]>> = {
  messaging: [],
  // The suite for result stores speaks their interface, which is of tasks.
  conformance: ['messaging', 'tasks'],
  tasks: ['messaging'],
  monitor: ['tasks', 'messaging'],
  cli: ['monitor', 'tasks', 'messaging'],
}

/** What a transport may import. Of these, `tasks` only as types. */
export const transportRule: readonly string[] = ['messaging', 'tasks']

/** Packages that only these files may import. */
export const testOnlyPackages: readonly string[] = ['conformance']

/** Files that are no part of what is published, and so may import more. */
export const testFile: RegExp = /\.(test|test-d|bench)\.ts$/

/**
 * The layers inside `messaging`, lowest first. Imports go to the same layer or a lower one.
 *
 * `name` is the file `name.ts` or the folder `name/`; `name/` is the folder alone, `name.ts` the
 * file alone. What is not listed is in the layer of `'*'`.
 */
export const messagingLayers: readonly (readonly string[])[] = [
  ['errors', 'closest-name'],
  [
    'deadline',
    'operation-options',
    'option-spec',
    'clock',
    'entity',
    'message',
    'codec',
    'matcher',
  ],
  ['transport/'],
  ['virtual', 'memory', 'filesystem'],
  ['connection/'],
  ['*'],
  ['index', 'transport.ts'],
]
