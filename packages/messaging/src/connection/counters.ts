/** What a connection counts: every silent path has a number. */

/** Plain numbers since the connection was made; they only grow. */
export interface ConnectionCounters {
  /** Messages that the broker confirmed. */
  published: number
  /** Deliveries handed to consumers. */
  delivered: number
  /** Settlements that came after their connection was lost. */
  staleSettlements: number
  /** Messages set aside because nobody could read them. */
  quarantined: number
  /** Broadcasts known to have been missed. */
  missedBroadcasts: number
  /** Times the connection was brought back. */
  reconnects: number
}

export function newCounters(): ConnectionCounters {
  return {
    published: 0,
    delivered: 0,
    staleSettlements: 0,
    quarantined: 0,
    missedBroadcasts: 0,
    reconnects: 0,
  }
}
