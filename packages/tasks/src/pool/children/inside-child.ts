import { fileURLToPath } from 'node:url'

/** On `globalThis`, so that every copy of the package sees it. */
const mark = Symbol.for('@dashi/tasks/inside-child')

/** Says that this process or thread is a child of a pool. Idempotent. */
export function markInsideChild(): void {
  Object.defineProperty(globalThis, mark, { value: true, configurable: true })
}

/** Whether this process or thread is a child of a pool. A child process is one before its program begins: while `--import` runs. */
export function isInsideChild(): boolean {
  return mark in globalThis || isChildProgram(process.argv[1])
}

function isChildProgram(path: string | undefined): boolean {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return path === fileURLToPath(new URL(`./process-child.${extension}`, import.meta.url))
}
