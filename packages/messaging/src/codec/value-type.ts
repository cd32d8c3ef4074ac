/** Whether a value is what an object literal makes, or has no prototype. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The language's own name of what a value is: `Object` for objects and instances of classes. */
export function builtInName(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

/** What to call a value's type in an error. */
export function nameOf(value: unknown): string {
  if (typeof value !== 'object') return typeof value
  const className: unknown = value?.constructor?.name
  const builtIn = builtInName(value)
  return builtIn === 'Object' && typeof className === 'string' ? className : builtIn
}

/** Whether a value has a method of that name, its own or inherited. */
export function hasMethod<Name extends string>(
  value: object,
  name: Name,
): value is Record<Name, (...args: unknown[]) => unknown> {
  return name in value && typeof Reflect.get(value, name) === 'function'
}
