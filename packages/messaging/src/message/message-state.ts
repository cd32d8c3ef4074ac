/** The life of a received message. */

/** `received` until settled; then one of the others, for good. */
export type MessageState = 'received' | 'acknowledged' | 'rejected' | 'requeued'
