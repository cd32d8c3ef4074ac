import type { ReplyError } from '../connection/client-errors.ts'
import type { SubscriptionChange } from './subscriptions.ts'

/** A command that has no answer yet. */
export class PendingCommand {
  readonly asBytes: boolean
  /** Set for commands that are answered by a push. */
  readonly change: SubscriptionChange | undefined
  readonly answer: Promise<never>
  next: PendingCommand | undefined = undefined
  // Assigned by the promise before anybody can see that they are not.
  resolve!: (value: never) => void
  reject!: (error: ReplyError | Error) => void

  constructor(asBytes: boolean, change: SubscriptionChange | undefined) {
    this.asBytes = asBytes
    this.change = change
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}

/** The commands without an answer, in the order in which the server gives them. */
export class PendingList {
  #first: PendingCommand | undefined
  #last: PendingCommand | undefined
  #length = 0

  get first(): PendingCommand | undefined {
    return this.#first
  }

  get length(): number {
    return this.#length
  }

  push(command: PendingCommand): void {
    if (this.#last === undefined) this.#first = command
    else this.#last.next = command
    this.#last = command
    this.#length += 1
  }

  shift(): PendingCommand | undefined {
    const first = this.#first
    if (first === undefined) return undefined
    this.#first = first.next
    if (this.#first === undefined) this.#last = undefined
    this.#length -= 1
    return first
  }
}
