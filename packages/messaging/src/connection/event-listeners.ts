/** A small typed emitter: one map of event names to what they carry. */

type Listener<T> = (event: T) => void

/** Listeners of an owner. A listener that throws is reported as a process warning, never to the owner's caller. */
export class EventListeners<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>()

  /** @returns how to stop listening. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(name, listeners)
    return () => listeners.delete(listener)
  }

  /** @returns whether anybody listened. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): boolean {
    const listeners = this.#listeners.get(name)
    if (!listeners || listeners.size === 0) return false
    for (const listener of listeners) call(listener as Listener<Events[Name]>, event)
    return true
  }
}

function call<T>(listener: Listener<T>, event: T): void {
  try {
    listener(event)
  } catch (error) {
    process.emitWarning(
      error instanceof Error ? error : new Error(String(error)),
      'DashiListenerError',
    )
  }
}
