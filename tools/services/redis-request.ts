import { connect } from 'node:net'

/**
 * What a Redis server answers to a command, as it is on the wire; empty when it does not answer
 * within a second.
 *
 * Only for questions whether a server is ready: no client library is needed for those.
 */
export function askRedis(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 })
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('timeout', () => socket.destroy())
    // A refused connection is an answer too: none.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(answer))
    socket.end(`${command}\r\nQUIT\r\n`)
  })
}
