/** Notices that a broker has said nothing for too long, not even a heartbeat. */
import { ConnectionError, type MessagingError } from '@dashi/messaging/transport'

/** Who knows when the broker was last heard. */
export interface Hearing {
  readonly lastHeardAt: number
}

/** What is too long, and who is told. */
export interface SilenceOptions {
  /** `undefined`: nothing is. */
  readonly longestMs: number | undefined
  onSilence(error: MessagingError): void
}

/** Looks four times in the allowed time. */
export class SilenceWatch {
  readonly #timer: NodeJS.Timeout | undefined

  constructor(hearing: Hearing, options: SilenceOptions) {
    const { longestMs } = options
    if (longestMs === undefined) return
    this.#timer = setInterval(() => {
      const silentMs = performance.now() - hearing.lastHeardAt
      if (silentMs > longestMs) options.onSilence(silent(silentMs, longestMs))
    }, longestMs / 4)
    this.#timer.unref()
  }

  end(): void {
    clearInterval(this.#timer)
  }
}

function silent(silentMs: number, longestMs: number): ConnectionError {
  return new ConnectionError(
    'CONNECTION_LOST',
    `The broker said nothing for ${Math.round(silentMs)} ms, and "readTimeoutMs" is ${longestMs}: the connection counts as lost`,
  )
}
