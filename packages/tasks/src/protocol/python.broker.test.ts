/**
 * What task messages say in Python's words: representations and dates, against the real ones.
 */
import { Decimal, defaultCodecs, PlainDate, PlainTime, Uuid } from '@dashi/messaging'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CeleryCommands } from '../../../../tests/interop/celery-peer.ts'
import { startCelery } from '../../../../tests/interop/celery-peer.ts'
import type { Peer } from '../../../../tests/interop/peer.ts'
import { findPython, kombuReleases } from '../../../../tests/interop/python.ts'
import { readIsoDate, writeIsoDate } from './iso-date.ts'
import { argsRepr, pythonRepr } from './python-repr.ts'

const encode = (value: unknown): string => String(defaultCodecs.dumps(value, 'json').body)

/** No half surrogate pairs: Python's own JSON cannot hand them on. */
const text = fc.string({ unit: 'binary', maxLength: 40 })
// Kombu's JSON refuses __proto__, and two-key objects of its own tags.
const key = text.filter((name) => !name.startsWith('__'))
const special = fc.oneof(
  fc.bigInt(),
  fc.double({ noDefaultInfinity: true, noNaN: true }).filter((value) => !Number.isInteger(value)),
  fc.constantFrom(1e-5, 1.5e300, 123_456.789, 0.0001, Number.NaN, Number.POSITIVE_INFINITY),
)
// Kombu 5.2 knows no tags.
const tagged = fc.oneof(
  fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true }),
  fc.constantFrom(
    new Decimal('1.50'),
    new Uuid('550e8400e29b41d4a716446655440000'),
    new PlainDate('2024-01-02'),
    new PlainTime('03:04:00'),
    new PlainTime('03:04:05.000006-05:30'),
    Uint8Array.of(104, 105),
    Uint8Array.of(255, 0),
  ),
)
const long = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 900, maxLength: 1300 }),
  fc.array(fc.string({ maxLength: 30 }), { minLength: 30, maxLength: 80 }),
  fc.dictionary(key, fc.array(fc.nat(), { maxLength: 50 }), { minKeys: 5, maxKeys: 20 }),
)

function valuesOf(leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      leaf,
      text,
      fc.integer(),
      fc.boolean(),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('tree'), { maxLength: 8 }),
    map: fc.dictionary(key, tie('tree'), { maxKeys: 6 }),
  }))
  return tree
}

describe.each(kombuReleases)('%s', (release) => {
  const python = findPython(release)
  let peer: Peer<CeleryCommands>

  beforeAll(async () => {
    if (python.path !== undefined) peer = await startCelery(python.path)
  })

  afterAll(() => peer?.close())

  const leaf =
    release === 'kombu52'
      ? fc.oneof(special, fc.constant(null))
      : fc.oneof(special, tagged, fc.constant(null))
  const values = fc.oneof({ weight: 4, arbitrary: valuesOf(leaf) }, { weight: 1, arbitrary: long })

  test.skipIf(python.path === undefined)(
    `arguments print as in Python ${python.reason ?? ''}`,
    async () => {
      const lists = fc.sample(fc.array(values, { maxLength: 4 }), 1_000)
      const expected = await peer.request('repr_args', { bodies: lists.map(encode) })
      for (const [index, list] of lists.entries()) expect(argsRepr(list)).toBe(expected[index])
    },
  )

  test.skipIf(python.path === undefined)('values of any length print as in Python', async () => {
    for (const length of [1, 2, 10, 50, 1024, 2000]) {
      const some = fc.sample(values, 300)
      const expected = await peer.request('repr_values', { bodies: some.map(encode), length })
      for (const [index, value] of some.entries()) {
        expect(pythonRepr(value, length)).toBe(expected[index])
      }
    }
  })

  // Celery 5.2 knows fewer forms: what we read is what 5.6 reads.
  if (release === 'kombu56')
    test.skipIf(python.path === undefined)('dates are read as in Python', async () => {
      const two = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, '0'))
      const year = fc.constantFrom('2026', '2024', '0001', '9999', '2000')
      const day = fc.oneof(
        fc.tuple(year, two, two).map((parts) => parts.join('-')),
        fc.tuple(year, fc.constantFrom('01', '12', '02'), two).map((parts) => parts.join('')),
        fc.tuple(year, two).map(([y, w]) => `${y}-W${w}`),
        fc.tuple(year, two, fc.nat(9)).map(([y, w, d]) => `${y}W${w}${d}`),
        fc.tuple(year, fc.nat(999)).map(([y, d]) => `${y}-${String(d).padStart(3, '0')}`),
        fc.constantFrom('2026', '2026-02', '2026-01-02', '2024-02-29', '20240229'),
      )
      const time = fc.oneof(
        fc.tuple(two, two, two).map((parts) => parts.join(':')),
        fc.tuple(two, two).map((parts) => parts.join('')),
        fc.constantFrom('24:00', '24', '23:59:59.999999', '010203,5', '01:02:03.1234567'),
      )
      const zone = fc.constantFrom('', 'Z', '+00:00', '-05:30', '+0100', '-09', '+24:00', '+01:60')
      const dates = fc.oneof(
        day,
        fc.tuple(day, fc.constantFrom('T', ' '), time, zone).map((parts) => parts.join('')),
      )
      const texts = fc.sample(dates, 3_000)
      const expected = await peer.request('read_dates', { texts })
      const valid = expected.filter((date) => date !== null)
      expect(valid.length).toBeGreaterThan(300)
      for (const [index, date] of texts.entries()) {
        expect([date, readIsoDate(date) ?? null]).toEqual([date, expected[index]])
      }
    })

  test.skipIf(python.path === undefined)('dates that we write are read', async () => {
    const times = fc.sample(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), 500)
    const texts = times.map(writeIsoDate)
    expect(await peer.request('read_dates', { texts })).toEqual(times)
    expect(texts.map(readIsoDate)).toEqual(times)
  })
})
