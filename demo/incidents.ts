/**
 * What goes wrong in the demo on purpose: one worker is killed on the way, another one joins.
 */
import type { Crew } from './crew/crew.ts'

const killAfterVisits = 50
const joinAfterVisits = 100

/** Lets things happen as the crawl goes on, and tells of them. A crawl that is shorter sees none. */
export class Incidents {
  readonly #crew: Crew
  readonly #tell: (news: string) => void
  #joining: Promise<void> | undefined

  /** @param tell Called with one line for each incident. */
  constructor(crew: Crew, tell: (news: string) => void) {
    this.#crew = crew
    this.#tell = tell
  }

  /** To be called after each visit. */
  onVisited(visits: number): void {
    if (visits === killAfterVisits) this.#tell(`${this.#crew.kill()} was killed (SIGKILL)`)
    if (visits === joinAfterVisits) this.#joining = this.#join()
  }

  /** Resolves when nothing more will happen. */
  async over(): Promise<void> {
    await this.#joining
  }

  async #join(): Promise<void> {
    try {
      await this.#crew.join()
    } catch (error) {
      // The crawl can do without it.
      this.#tell(`nobody joined: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
