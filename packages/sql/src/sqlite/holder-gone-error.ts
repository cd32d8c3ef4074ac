/** The session's row is gone: it was not renewed in time and others took its messages back. */
export class HolderGoneError extends Error {
  constructor() {
    super('the lease of this session ran out')
  }
}
