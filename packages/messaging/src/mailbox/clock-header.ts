/** The `clock` header of commands and replies. */
import type { LamportClock } from '../clock/lamport-clock.ts'
import type { Message } from '../message/message.ts'

const maxClock = 2 ** 52

/** Moves a clock past what a message brought. A missing or absurd value counts as 0, as a missing one does in Kombu. */
export function adjustToMessage(clock: LamportClock, message: Message): void {
  const { clock: given } = message.headers
  const isClock =
    typeof given === 'number' && Number.isSafeInteger(given) && given >= 0 && given <= maxClock
  clock.adjust(isClock ? given : 0)
}
