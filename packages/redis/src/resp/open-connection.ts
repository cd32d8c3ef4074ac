import type { SocketTarget } from './open-socket.ts'
import { RespConnection } from './resp-connection.ts'

/** One server, and as whom to talk to it. */
export interface ConnectionTarget extends SocketTarget {
  /** Default: `default`, if there is a password. */
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  /** Shown by `CLIENT LIST`. Empty: none. */
  readonly clientName: string
  readonly socketConnectTimeoutMs: number
  /** Whether the server shall tell about changed keys. */
  readonly tracking: boolean
}

/**
 * Connects, authenticates and selects the database, in one round trip.
 *
 * @throws {ReplyError} the server refused; what the socket says; `signal.reason`.
 */
export async function openConnection(
  target: ConnectionTarget,
  signal: AbortSignal,
): Promise<RespConnection> {
  signal.throwIfAborted()
  const connection = new RespConnection(target)
  const onAbort = () => connection.end(signal.reason)
  const onLate = () => connection.end(tooLate(target.socketConnectTimeoutMs))
  signal.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(onLate, target.socketConnectTimeoutMs)
  try {
    await connection.opened
    await introduce(connection, target)
    signal.throwIfAborted()
    return connection
  } catch (error) {
    connection.end(error instanceof Error ? error : new Error(String(error)))
    throw (await connection.closed) ?? error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

async function introduce(connection: RespConnection, target: ConnectionTarget): Promise<void> {
  const { database, tracking } = target
  const send = (command: readonly string[]) => connection.send(command, false)
  const commands = [send(['HELLO', '3', ...credentials(target), ...nameOf(target)])]
  if (database !== 0) commands.push(send(['SELECT', String(database)]))
  if (tracking) commands.push(send(['CLIENT', 'TRACKING', 'ON']))
  // Servers before 7.2 do not know it, and users may not be allowed to: it is only for who looks at CLIENT LIST.
  const told = send(['CLIENT', 'SETINFO', 'LIB-NAME', 'dashi']).catch(() => undefined)
  // In their order: a refused HELLO makes the rest fail, and says why.
  await Promise.all([...commands, told])
}

function credentials({ username, password }: ConnectionTarget): readonly string[] {
  if (username === undefined && password === undefined) return []
  return ['AUTH', username ?? 'default', password ?? '']
}

function nameOf({ clientName }: ConnectionTarget): readonly string[] {
  return clientName === '' ? [] : ['SETNAME', clientName]
}

function tooLate(timeoutMs: number): Error {
  return new Error(`no answer within ${timeoutMs} ms ("socketConnectTimeoutMs")`)
}
