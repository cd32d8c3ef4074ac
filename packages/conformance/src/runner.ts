/** What the suites need of a test runner: Vitest's, Jest's or Bun's functions fit as they are. */

/** The checks that the suites make. */
export interface Matchers {
  toBe(expected: unknown): unknown
  toEqual(expected: unknown): unknown
  toContain(expected: unknown): unknown
  toMatchObject(expected: object): unknown
  toBeGreaterThan(expected: number): unknown
  toBeLessThan(expected: number): unknown
  toBeUndefined(): unknown
}

/** A runner's `expect`. */
export type Expect = (actual: unknown, message?: string) => Matchers

/** Functions of a test runner. */
export interface Runner {
  describe(name: string, define: () => void): unknown
  /** `timeoutMs` bounds the test where the runner can. */
  test(name: string, run: () => Promise<void>, timeoutMs: number): unknown
  readonly expect: Expect
  /** Called with what to do when all tests of the `describe` around it are over. Without it every test cleans up by itself. */
  afterAll?(run: () => Promise<void>): unknown
}
