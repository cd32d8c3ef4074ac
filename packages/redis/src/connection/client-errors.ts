/**
 * The ways in which a command fails.
 */

/** The server answered with an error. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
  /** Redis's word for the case, e.g. `WRONGTYPE`, also when it came out of a script. */
  readonly kind: string

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kindOf(message)
  }
}

/** The connection ended before the answer. */
export class LostError extends Error {
  override readonly name = 'LostError'
  /** False when the command certainly did not reach the server. */
  readonly wasSent: boolean

  constructor(message: string, options: ErrorOptions & { readonly wasSent: boolean }) {
    super(message, options)
    this.wasSent = options.wasSent
  }
}

/** The server did as it was told, and its replicas may not have got it. */
export class UnreplicatedError extends Error {
  override readonly name = 'UnreplicatedError'
}

function kindOf(message: string): string {
  if (message.includes('The user executing the script')) return 'NOPERM'
  // Before Redis 7, an error inside a script is quoted in one about the script.
  const [, quoted] = /Error running script.*[: ]-([A-Z]+) /s.exec(message) ?? []
  const [, first] = /^([A-Z][A-Z_]*)(?: |$)/.exec(message) ?? []
  return quoted ?? first ?? 'ERR'
}
