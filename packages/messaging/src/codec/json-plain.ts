/**
 * Whether `JSON.stringify` alone writes a value as Kombu's JSON: null, booleans, strings, fractions
 * and safe integers, and arrays and plain objects of them, not nested deeper than `maxDepth`.
 * Undefined counts as plain: it is left out of objects, and null in arrays. False for anything
 * else, cycles included.
 */
export function isPlainJson(value: unknown, maxDepth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return true
    case 'number':
      return Number.isSafeInteger(value) || isFraction(value)
    case 'object':
      return value === null || isPlainContainer(value, maxDepth)
    default:
      return false
  }
}

function isFraction(value: number): boolean {
  return Number.isFinite(value) && !Number.isInteger(value)
}

function isPlainContainer(value: object, maxDepth: number): boolean {
  if (maxDepth < 1) return false
  if (Array.isArray(value)) return isPlainArray(value, maxDepth)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return isPlainObject(value as Readonly<Record<string, unknown>>, maxDepth) // Any object has keys.
}

function isPlainArray(array: readonly unknown[], maxDepth: number): boolean {
  for (let index = 0; index < array.length; index += 1) {
    if (!isPlainJson(array[index], maxDepth - 1)) return false
  }
  return true
}

function isPlainObject(object: Readonly<Record<string, unknown>>, maxDepth: number): boolean {
  // for-in is several times faster than Object.keys here. It also sees inherited keys, which only
  // makes the answer more careful: a toJSON method put on Object.prototype is found.
  for (const key in object) {
    if (key === '__proto__' || !isPlainJson(object[key], maxDepth - 1)) return false
  }
  return true
}
