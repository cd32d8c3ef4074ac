/** What a child process is told to do, and what it answers. */

/** Handed over as JSON in the first argument. */
export interface ChildOrders {
  readonly url: string
  readonly transportOptions: Readonly<Record<string, unknown>>
  readonly queue: string
  readonly task: /** Take so many messages, say so, and keep them. */
    | { readonly name: 'hold'; readonly count: number }
    /** The same, then block the event loop for so long, then acknowledge. */
    | { readonly name: 'block'; readonly count: number; readonly blockMs: number }
    /** Publish so many messages, say so, and stay. */
    | { readonly name: 'publish'; readonly count: number }
    /** Use everything, close, and end without being told to. */
    | { readonly name: 'leave' }
}

/** What a child says. */
export type ChildAnswer =
  | { readonly kind: 'held'; readonly bodies: readonly unknown[] }
  | { readonly kind: 'settled'; readonly error: string | undefined }
  | { readonly kind: 'published' }
  | { readonly kind: 'left' }
