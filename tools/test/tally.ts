import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

/** Counts what a run of Vitest did. */
export class Tally implements Reporter {
  /** One line for each skipped test: its full name, and its reason if it gave one. */
  readonly skips: string[] = []
  #passed = 0
  #failed = 0

  get passed(): number {
    return this.#passed
  }

  /** Tests that failed, and files and hooks that failed outside of any test. */
  get failed(): number {
    return this.#failed
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    for (const module of modules) this.#addModule(module)
    this.#failed += errors.length
  }

  #addModule(module: TestModule): void {
    for (const test of module.children.allTests()) this.#addTest(test)
    this.#failed += module.errors().length
    for (const suite of module.children.allSuites()) this.#failed += suite.errors().length
  }

  #addTest(test: TestCase): void {
    const result = test.result()
    if (result.state === 'passed') this.#passed += 1
    else if (result.state === 'failed') this.#failed += 1
    else this.skips.push(`${test.module.relativeModuleId} > ${test.fullName}${reasonOf(result)}`)
  }
}

function reasonOf(result: ReturnType<TestCase['result']>): string {
  return result.state === 'skipped' && result.note !== undefined ? `: ${result.note}` : ''
}
