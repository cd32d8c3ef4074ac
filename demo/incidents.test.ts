import { expect, test } from 'vitest'
import type { Crew } from './crew/crew.ts'
import { Incidents } from './incidents.ts'

let joined = 0
const crew: Crew = {
  broker: 'none',
  size: 2,
  concurrency: 2,
  repeated: [],
  visit: () => Promise.reject(new Error('not asked for')),
  kill: () => 'one',
  onNews: () => () => undefined,
  join: async () => {
    joined += 1
  },
  reports: () => [],
  [Symbol.asyncDispose]: async () => undefined,
}

function visitAll(incidents: Incidents, visits: number): void {
  for (let visit = 1; visit <= visits; visit += 1) incidents.onVisited(visit)
}

test('Incidents kills one worker on the way, then has another one join', async () => {
  const told: string[] = []
  const incidents = new Incidents(crew, (news) => told.push(news))
  visitAll(incidents, 500)
  await incidents.over()
  expect(told).toEqual(['one was killed (SIGKILL)'])
  expect(joined).toBe(1)
})

test('Incidents tells when nobody can join, and harms nothing', async () => {
  const told: string[] = []
  const alone = { ...crew, join: () => Promise.reject(new Error('no memory')) }
  const incidents = new Incidents(alone, (news) => told.push(news))
  visitAll(incidents, 500)
  await incidents.over()
  expect(told).toContain('nobody joined: no memory')
})

test('Incidents leaves a short crawl alone', async () => {
  const told: string[] = []
  const incidents = new Incidents(crew, (news) => told.push(news))
  visitAll(incidents, 49)
  await incidents.over()
  expect(told).toEqual([])
})
