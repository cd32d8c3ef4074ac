import { expect, test } from 'vitest'
import { kombuFacts } from './kombu-facts.ts'
import { brokerNames } from './matrix.ts'
import { kombuReleases } from './python.ts'
import { scenarioCells, scenarioName } from './scenario.ts'

const names = scenarioCells().map(scenarioName)

test('each scenario is there once for each release and broker', () => {
  expect(new Set(names).size).toBe(names.length)
  for (const release of kombuReleases) {
    for (const broker of brokerNames) {
      expect(names).toContain(`${release} ${broker}: we requeue, Kombu gets it`)
    }
  }
})

test('a scenario runs where Kombu can do what it needs, and nowhere else', () => {
  for (const release of kombuReleases) {
    for (const broker of brokerNames) {
      const name = `${release} ${broker}: we call a node of Kombu (direct)`
      expect(names.includes(name)).toBe(kombuFacts[release][broker].mailboxes)
    }
  }
})
