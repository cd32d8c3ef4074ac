/** On `globalThis`, so that every copy of the package sees it. */
const mark = Symbol.for('@dashi/tasks/inside-child')

/** Says that this process or thread is a child of a pool. Idempotent. */
export function markInsideChild(): void {
  Object.defineProperty(globalThis, mark, { value: true, configurable: true })
}

/** Whether this process or thread is a child of a pool. */
export function isInsideChild(): boolean {
  return mark in globalThis
}
