import { DecodeError } from '@dashi/messaging'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pickleGroup, unpickleGroup } from './group-pickle.ts'

/** `GroupResult('g1', [AsyncResult('a'), AsyncResult('b')])` as Celery 5.6 pickles it, its backend shortened. */
const celerys = Buffer.from(
  'gAWVAAAAAAAAAACMDWNlbGVyeS5yZXN1bHSUjAtHcm91cFJlc3VsdJSTlIwCZzGUXZQoaACMC0FzeW5jUmVzdWx0lJOUKIwBYZROTk5OdJRSlGgGKIwBYpROTk5OdJRSlGWGlFKULg==',
  'base64',
)

const tuple = fc.letrec((tie) => ({
  result: fc.oneof({ maxDepth: 3 }, tie('task'), tie('group')),
  task: fc.tuple(fc.tuple(fc.string(), fc.option(tie('result'))), fc.constant(null)),
  group: fc.tuple(fc.tuple(fc.string(), fc.option(tie('result'))), fc.array(tie('result'))),
})).result

test("Celery's is read", () => {
  expect(unpickleGroup(celerys)).toEqual([
    ['g1', null],
    [
      [['a', null], null],
      [['b', null], null],
    ],
  ])
})

test('what is written is read again', () => {
  fc.assert(
    fc.property(tuple, (some) => {
      expect(unpickleGroup(pickleGroup(some))).toEqual(some)
    }),
  )
})

test('anything else is a DecodeError, and nothing is called', () => {
  for (const text of ['cposix\nsystem\n(Vls\ntR.', '', 'N.', '.', 'R.', 'u.', ']e.']) {
    expect(() => unpickleGroup(Buffer.from(text))).toThrow(DecodeError)
  }
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(celerys.length), (bytes, at) => {
      const broken = Buffer.concat([celerys.subarray(0, at), bytes, celerys.subarray(at)])
      try {
        unpickleGroup(broken)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
  )
})
