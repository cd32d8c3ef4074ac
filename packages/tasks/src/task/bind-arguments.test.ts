import { expect, test } from 'vitest'
import { bindArguments } from './bind-arguments.ts'
import type { RegisteredTask } from './registered-task.ts'
import type { TaskOptions } from './task-options.ts'

function task(run: (...args: never[]) => unknown, options: Partial<TaskOptions> = {}) {
  return { name: 't', options: { name: 't', ...options }, run } satisfies RegisteredTask
}
const crawl = task((_url: string, _depth: number, _headers: object) => undefined, {
  params: ['url', 'depth', 'headers?'],
})

test.each([
  ['positional', ['u', 1], {}, ['u', 1]],
  ['by name, in any order', [], { depth: 1, url: 'u' }, ['u', 1]],
  ['mixed', ['u'], { depth: 1 }, ['u', 1]],
  ['a gap that may be one', ['u', 1], { headers: { a: 1 } }, ['u', 1, { a: 1 }]],
])('%s', (_, args, kwargs, bound) => {
  expect(bindArguments(crawl, args, kwargs)).toEqual(bound)
})

test.each([
  [['u', 1, {}, 4], {}, '4 positional arguments were given'],
  [['u'], {}, '"depth" is missing'],
  [[], { depth: 1 }, '"url" is missing'],
  [['u', 1], { url: 'v' }, '"url" was given twice'],
  [['u', 1], { deep: 1 }, '"deep" is unknown'],
  [['u', 1], { __proto__x: 1 }, '"__proto__x" is unknown'],
  [['u'], { url: 'v', deep: 1 }, '"depth" is missing, "url" was given twice, "deep" is unknown'],
])('%j and %j are refused: %s', (args, kwargs, what) => {
  expect(() => bindArguments(crawl, args, kwargs)).toThrow(
    expect.objectContaining({
      code: 'BAD_ARGUMENTS',
      message: `Task "t" takes (url, depth, headers?), but ${what}`,
    }),
  )
})

test('a parameter with a default may be left out, and gets undefined in a gap', () => {
  const withDefaults = task((_a = 1, _b = 2) => undefined, { params: ['a', 'b'] })
  expect(bindArguments(withDefaults, [], { b: 3 })).toEqual([undefined, 3])
  expect(bindArguments(withDefaults, [], {})).toEqual([])
})

test('the context of a bound task is no argument', () => {
  const bound = task((_task: object, _a: number) => undefined, { bind: true, params: ['a'] })
  expect(bindArguments(bound, [1], {})).toEqual([1])
  expect(() => bindArguments(bound, [], {})).toThrow('"a" is missing')
})

test('without params, keyword arguments are one last object and nothing is refused', () => {
  const plain = task((_a: number, _b?: number) => undefined)
  expect(bindArguments(plain, [1], {})).toEqual([1])
  expect(bindArguments(plain, [1, 2, 3], { c: 4 })).toEqual([1, 2, 3, { c: 4 }])
})
