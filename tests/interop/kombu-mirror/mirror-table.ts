/** A row for each of Kombu's tests: how many directions passed at each place, and the verdict. Pure. */
import type { Trial } from '../batch.ts'
import { type KombuTest, kombuTests } from './kombu-tests.ts'
import { mirrorPlaces } from './mirror.ts'

interface Count {
  passed: number
  tried: number
}

/** Collects the outcomes of trials that mirror a test; others it does not look at. */
export class MirrorTable {
  readonly #tests: readonly KombuTest[]
  readonly #counts = new Map<string, Count>()

  /** @param tests Its rows. Default: all of Kombu's. */
  constructor(tests: readonly KombuTest[] = kombuTests) {
    this.#tests = tests
  }

  /** @param outcomes What is wrong with each trial; `undefined`: nothing. */
  add(trials: readonly Trial[], outcomes: readonly (string | undefined)[]): void {
    trials.forEach(({ mirrors }, index) => {
      if (mirrors === undefined) return
      const key = `${mirrors.test} ${mirrors.place}`
      const count = this.#counts.get(key) ?? { passed: 0, tried: 0 }
      this.#counts.set(key, count)
      count.tried += 1
      if (index < outcomes.length && outcomes[index] === undefined) count.passed += 1
    })
  }

  /** Nothing when no such trial was among them, else the table with its head. */
  rows(): readonly string[] {
    if (this.#counts.size === 0) return []
    const names = this.#tests.map(({ file, name }) => `${file} ${name}`)
    const width = Math.max(...names.map(({ length }) => length))
    const head = ['test of Kombu'.padEnd(width), ...mirrorPlaces.map(column), 'verdict']
    return [
      head.join('  '),
      ...this.#tests.map((test, index) =>
        [names[index]?.padEnd(width), ...this.#cells(test), this.#verdict(test)].join('  '),
      ),
    ]
  }

  #cells({ name }: KombuTest): readonly string[] {
    return mirrorPlaces.map((place) => {
      const count = this.#counts.get(`${name} ${place}`)
      return column(count === undefined ? '-' : `${count.passed}/${count.tried}`)
    })
  }

  #verdict({ name, outside }: KombuTest): string {
    if (outside !== undefined) return `outside: ${outside}`
    const counts = mirrorPlaces.flatMap((place) => this.#counts.get(`${name} ${place}`) ?? [])
    if (counts.length === 0) return 'NOT TRIED'
    return counts.every(({ passed, tried }) => passed === tried) ? 'passed' : 'FAILED'
  }
}

function column(text: string): string {
  return text.padEnd('redis-prefix'.length)
}
