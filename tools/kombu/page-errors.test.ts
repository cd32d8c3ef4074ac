import { expect, test } from 'vitest'
import { pageErrors } from './page-errors.ts'

const exported = new Set(['Queue', 'Queue.declare'])
const typescript = {
  has: (name: string, owners: readonly string[]) =>
    exported.has(name) || owners.some((owner) => exported.has(`${owner}.${name}`)),
}

function errors(rows: readonly string[], kombu: readonly string[]): readonly string[] {
  const page = ['| `kombu.entity` | `Queue` |', '| --- | --- |', ...rows].join('\n')
  return pageErrors(page, { kombu, typescript })
}

test('a complete page has no errors', () => {
  const rows = ['| `Queue` | `Queue` |', '| `Queue.declare` | `declare()` |']
  expect(errors(rows, ['entity', 'entity.Queue', 'entity.Queue.declare'])).toEqual([])
})

test('a name that is not there is missing, members of named classes too', () => {
  const found = errors(['| `Queue` | `Queue` |'], ['entity.Queue', 'entity.Queue.purge', 'pools'])
  expect(found).toEqual([
    expect.stringContaining('"entity.Queue.purge" of Kombu is missing'),
    expect.stringContaining('"pools" of Kombu is missing'),
  ])
})

test('a reason for a class covers its members and parameters, but not its neighbours', () => {
  const names = ['entity.A', 'entity.A.b', 'entity.A(c)', 'entity.AB']
  expect(errors(['| `A` | – nobody uses it |'], names)).toEqual([
    expect.stringContaining('"entity.AB"'),
  ])
})

test('names that neither side has are reported with their line', () => {
  expect(errors(['| `Quueue` | `Qeue` |'], [])).toEqual([
    ':3: Kombu has no "entity.Quueue"',
    ':3: "Qeue" is exported by no package',
  ])
})

test.each(['| `A` | – |', '| `A` | something |', '| A | `Queue` |'])('%s says nothing', (row) => {
  expect(errors([row], ['entity.A'])).toContainEqual(expect.stringMatching(/:3: the row has n/))
})

test('a name stands once', () => {
  const rows = ['| `A` | `Queue` |', '| `A` | – twice |']
  expect(errors(rows, ['entity.A'])).toEqual([':4: "entity.A" is on line 3 already'])
})
