const firstPauseMs = 100
const longestPauseMs = 30_000

/** Growing pauses between children that die without having done anything. The first one is replaced at once. */
export class RespawnPause {
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  /** Nothing is to be started now. */
  get isPausing(): boolean {
    return this.#timer !== undefined
  }

  /** A child died without a job, or could not be made. Calls back when the next one may be started. */
  failed(onOver: () => void): void {
    this.#failures += 1
    if (this.isPausing) return
    const growing = Math.min(firstPauseMs * 2 ** (this.#failures - 2), longestPauseMs)
    const pauseMs = this.#failures === 1 ? 0 : growing
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      onOver()
    }, pauseMs).unref()
  }

  /** A child has done a job. */
  reset(): void {
    this.#failures = 0
  }

  /** Nothing is to be started any more. */
  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
