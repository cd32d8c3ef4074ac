import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Argument } from '../connection/command.ts'
import { BacklogError, CommandWriter } from './command-writer.ts'
import type { Reply } from './reply.ts'
import { ReplyReader } from './reply-reader.ts'

/** Remembers what was written, and says when it has had enough. */
class SlowSocket {
  readonly pieces: { readonly bytes: Buffer; readonly isCorked: boolean }[] = []
  isFull = false
  #isCorked = false
  #onDrain: (() => void) | undefined

  write(piece: string | Uint8Array, encoding: 'latin1' | 'utf8' = 'utf8'): boolean {
    const bytes = typeof piece === 'string' ? Buffer.from(piece, encoding) : Buffer.from(piece)
    this.pieces.push({ bytes, isCorked: this.#isCorked })
    return !this.isFull
  }

  cork(): void {
    this.#isCorked = true
  }

  uncork(): void {
    this.#isCorked = false
  }

  on(_event: 'drain', listener: () => void): void {
    this.#onDrain = listener
  }

  drain(): void {
    this.isFull = false
    this.#onDrain?.()
  }

  get text(): string {
    return Buffer.concat(this.pieces.map(({ bytes }) => bytes)).toString()
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Commands have the form of replies. */
function commandsIn(socket: SlowSocket): Reply[] {
  const commands: Reply[] = []
  const reader = new ReplyReader({
    wantsBytes: () => true,
    onReply: (reply) => commands.push(reply),
    onRefusal: () => expect.unreachable(),
    onPush: () => expect.unreachable(),
  })
  for (const { bytes } of socket.pieces) reader.read(bytes)
  return commands
}

const words = (command: readonly Argument[]) => command.map((word) => Buffer.from(word))

test('commands of one turn are one text', async () => {
  const socket = new SlowSocket()
  const writer = new CommandWriter(socket)
  writer.add(['LPUSH', 'queue', 'ä'])
  writer.add(['PING'])
  expect(writer.waitingCount).toBe(2)
  expect(socket.pieces).toHaveLength(0)
  await turn()
  expect(writer.waitingCount).toBe(0)
  expect(socket.pieces).toHaveLength(1)
  expect(socket.text).toBe('*3\r\n$5\r\nLPUSH\r\n$5\r\nqueue\r\n$2\r\nä\r\n*1\r\n$4\r\nPING\r\n')
})

test('bytes go out as they are, in one go with what surrounds them', async () => {
  const socket = new SlowSocket()
  const writer = new CommandWriter(socket)
  writer.add(['PING'])
  writer.add(['SET', 'ü', Buffer.from([0xff, 0x00])])
  writer.add(['GET', 'ü'])
  await turn()
  expect(socket.pieces.every(({ isCorked }) => isCorked)).toBe(true)
  expect(commandsIn(socket)).toEqual([
    words(['PING']),
    [...words(['SET', 'ü']), Buffer.from([0xff, 0x00])],
    words(['GET', 'ü']),
  ])
})

test('any commands say what they are', async () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  )
  const command = fc.oneof(
    fc.array(word, { minLength: 1 }),
    fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(command)), async (turns) => {
      const socket = new SlowSocket()
      const writer = new CommandWriter(socket)
      for (const commands of turns) {
        for (const each of commands) writer.add(each)
        await turn()
      }
      expect(commandsIn(socket)).toEqual(turns.flat().map(words))
    }),
  )
})

test('long texts are cut into pieces', async () => {
  const socket = new SlowSocket()
  const writer = new CommandWriter(socket)
  const payload = 'x'.repeat(700_000)
  for (let count = 0; count < 3; count += 1) writer.add(['LPUSH', 'q', payload])
  await turn()
  expect(socket.pieces).toHaveLength(3)
  expect(commandsIn(socket)).toHaveLength(3)
})

describe('a word that is neither text nor bytes', () => {
  test.each([[['SET', 1]], [['SET', Buffer.from('a'), undefined]]])(
    '%j fails and leaves nothing behind',
    async (command) => {
      const socket = new SlowSocket()
      const writer = new CommandWriter(socket)
      // What a caller without types may do.
      expect(() => writer.add(command as string[])).toThrow(TypeError)
      writer.add(['PING'])
      await turn()
      expect(socket.text).toBe('*1\r\n$4\r\nPING\r\n')
    },
  )
})

describe('a server that does not read', () => {
  test('is written to again when it has', async () => {
    const socket = new SlowSocket()
    const writer = new CommandWriter(socket)
    socket.isFull = true
    writer.add(['FIRST'])
    await turn()
    writer.add(['SECOND'])
    writer.add(['THIRD'])
    await turn()
    expect(socket.pieces).toHaveLength(1)
    expect(writer.waitingCount).toBe(2)
    socket.drain()
    expect(commandsIn(socket)).toEqual([words(['FIRST']), words(['SECOND']), words(['THIRD'])])
    expect(writer.waitingCount).toBe(0)
    writer.add(['FOURTH'])
    await turn()
    expect(commandsIn(socket)).toHaveLength(4)
  })

  test('has no more waiting for it than there is a bound', async () => {
    const socket = new SlowSocket()
    const writer = new CommandWriter(socket, 1_000)
    socket.isFull = true
    writer.add(['FIRST'])
    await turn()
    writer.add(['SET', 'a', 'x'.repeat(600)])
    writer.add(['SET', 'a', Buffer.alloc(600)])
    expect(() => writer.add(['PING'])).toThrow(BacklogError)
    socket.drain()
    writer.add(['PING'])
    await turn()
    expect(commandsIn(socket)).toHaveLength(4)
  })
})

test('nothing is written after stop', async () => {
  const socket = new SlowSocket()
  const writer = new CommandWriter(socket)
  writer.add(['PING'])
  writer.stop()
  await turn()
  socket.drain()
  expect(socket.pieces).toHaveLength(0)
  expect(writer.waitingCount).toBe(1)
})
