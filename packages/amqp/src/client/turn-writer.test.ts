import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { TurnWriter } from './turn-writer.ts'

function makeWriter() {
  const sent: Buffer[] = []
  const raw = {
    stream: new PassThrough(),
    frameMax: 131_072,
    heartbeat: 0,
    serverProperties: {},
    rest: Buffer.alloc(0),
    recvSinceLastCheck: false,
    recvFrame: () => undefined,
    sendBytes: (bytes: Buffer) => sent.push(bytes),
  }
  return { writer: new TurnWriter(raw, () => undefined), sent }
}

function write(writer: TurnWriter, text: string): void {
  writer.buffer.bytes(Buffer.from(text))
  writer.schedule()
}

test('what one turn writes is one piece', async () => {
  const { writer, sent } = makeWriter()
  for (const text of ['a', 'b', 'c']) write(writer, text)
  expect(sent).toEqual([])
  await nextTurn()
  expect(sent.map(String)).toEqual(['abc'])
})

test('much of it goes out at once, the rest at the end, in order', async () => {
  const { writer, sent } = makeWriter()
  write(writer, 'a')
  write(writer, 'b'.repeat(20_000))
  expect(sent.map(({ length }) => length)).toEqual([20_001])
  write(writer, 'c')
  await nextTurn()
  expect(Buffer.concat(sent).toString()).toBe(`a${'b'.repeat(20_000)}c`)
})

test('after its end nothing is written any more', async () => {
  const { writer, sent } = makeWriter()
  write(writer, 'a')
  writer.end()
  await nextTurn()
  expect(sent).toEqual([])
})
