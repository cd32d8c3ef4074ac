import type { Reply } from './reply.ts'

/** A message that was published. */
export type MessageListener = (payload: Buffer, channel: string) => void

/** What a confirmation is called, which is the command's own name. */
export type SubscriptionVerb =
  | 'subscribe'
  | 'psubscribe'
  | 'ssubscribe'
  | 'unsubscribe'
  | 'punsubscribe'
  | 'sunsubscribe'

/** A change that was asked for. */
export interface SubscriptionChange {
  readonly verb: SubscriptionVerb
  readonly name: string
  /** `undefined` where a subscription ends. */
  readonly listener: MessageListener | undefined
}

/** By what their messages are called. */
type Kind = 'message' | 'pmessage' | 'smessage'

const kinds: Readonly<Record<SubscriptionVerb, Kind>> = {
  subscribe: 'message',
  unsubscribe: 'message',
  psubscribe: 'pmessage',
  punsubscribe: 'pmessage',
  ssubscribe: 'smessage',
  sunsubscribe: 'smessage',
}

/** Whether a push of this name is the answer to a command. */
export function isConfirmation(name: Reply | undefined): name is SubscriptionVerb {
  return typeof name === 'string' && Object.hasOwn(kinds, name)
}

/** What the server has confirmed: who is told of which messages. One listener per name and kind, the latest. */
export class Subscriptions {
  readonly #listeners: Readonly<Record<Kind, Map<string, MessageListener>>> = {
    message: new Map(),
    pmessage: new Map(),
    smessage: new Map(),
  }

  /** The server has done it. From the next message on it counts. */
  confirmed({ verb, name, listener }: SubscriptionChange): void {
    const listeners = this.#listeners[kinds[verb]]
    if (listener === undefined) listeners.delete(name)
    else listeners.set(name, listener)
  }

  /** The server has ended it by itself. @returns whether there was one. */
  ended(verb: SubscriptionVerb, name: string): boolean {
    return this.#listeners[kinds[verb]].delete(name)
  }

  /** @returns false when the push is no message. */
  deliver([kind, name, ...rest]: readonly Reply[]): boolean {
    if (kind !== 'message' && kind !== 'pmessage' && kind !== 'smessage') return false
    // A pattern comes before the channel.
    const [channel, payload] = kind === 'pmessage' ? rest : [name, ...rest]
    if (typeof name !== 'string' || typeof channel !== 'string') return false
    if (!(payload instanceof Buffer)) return false
    // Without a listener it is one that was on its way when the subscription ended.
    this.#listeners[kind].get(name)?.(payload, channel)
    return true
  }
}
