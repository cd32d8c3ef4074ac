import { expect, test } from 'vitest'
import { crewQueues, isAnswer, isFetchJob, isParseJob } from './jobs.ts'

const outcome = { kind: 'external' }

test('crewQueues() gives each run queues of its own', () => {
  const names = (run: string) => Object.values(crewQueues(run)).map(({ name }) => name)
  expect(names('a')).toEqual(names('a'))
  expect(new Set([...names('a'), ...names('b')]).size).toBe(6)
})

test('isFetchJob() and isParseJob() know their jobs from anything else', () => {
  expect(isFetchJob({ url: 'u' })).toBe(true)
  expect(isParseJob({ url: 'u', page: { html: '', url: 'u', outcome } })).toBe(true)
  for (const other of [null, undefined, 'u', 1, [], {}, { url: 1 }, { page: {} }]) {
    expect(isFetchJob(other)).toBe(false)
    expect(isParseJob(other)).toBe(false)
  }
  expect(isParseJob({ url: 'u', page: null })).toBe(false)
})

test('isAnswer() knows an answer from anything else', () => {
  const result = { url: 'u', outcome, sameOrigin: [], external: [] }
  expect(isAnswer({ worker: 'w', result })).toBe(true)
  for (const other of [
    null,
    { worker: 'w' },
    { result },
    { worker: 'w', result: null },
    { worker: 'w', result: { url: 'u', outcome: {} } },
  ]) {
    expect(isAnswer(other)).toBe(false)
  }
})
