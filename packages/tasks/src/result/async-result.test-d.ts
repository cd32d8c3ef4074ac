import { expectTypeOf, test } from 'vitest'
import type { AsyncResult } from './async-result.ts'
import type { GroupResult } from './group-result.ts'

declare const result: AsyncResult<number>
declare const group: GroupResult<string>

test('get() is of the task’s type, and may be an error only when asked for', () => {
  expectTypeOf(result.get()).resolves.toEqualTypeOf<number>()
  expectTypeOf(result.get({ timeoutMs: 1 })).resolves.toEqualTypeOf<number>()
  expectTypeOf(result.get({ propagate: false })).resolves.toEqualTypeOf<number | Error>()
  expectTypeOf(group.get()).resolves.toEqualTypeOf<string[]>()
  expectTypeOf<Awaited<AsyncResult<number>>>().toEqualTypeOf<AsyncResult<number>>()
})
