import { connect } from 'node:net'

/**
 * What a Redis server answers to commands, all of it, as it is on the wire.
 *
 * `askRedis` of the tools ends its side of the connection at once, upon which the server drops what is left of a long answer.
 *
 * @throws {Error} it does not answer, or stops in the middle.
 */
export function redisAnswers(port: number, commands: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let answer = ''
  const socket = connect({ port, host: '127.0.0.1', timeout: 10_000 })
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => {
    answer += chunk
  })
  socket.on('timeout', () => socket.destroy(new Error('Redis does not answer')))
  socket.on('error', reject)
  // It closes the connection itself, after it has answered to the last command.
  socket.on('end', () => {
    if (answer.endsWith('+OK\r\n')) resolve(answer.slice(0, -5))
    else reject(new Error(`Redis stopped in the middle of an answer: …${answer.slice(-200)}`))
  })
  socket.write([...commands, 'QUIT', ''].join('\r\n'))
  return promise
}
