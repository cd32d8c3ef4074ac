import { expect, test } from 'vitest'
import { LiveLine } from './live-line.ts'

function recorder(stream: { readonly isTTY?: boolean; readonly columns?: number }) {
  const written: string[] = []
  return { ...stream, written, write: (text: string) => written.push(text) }
}

test('LiveLine on a terminal writes over itself, not more often than is of use', () => {
  const stream = recorder({ isTTY: true, columns: 20 })
  let now = 0
  const line = new LiveLine(stream, { everyMs: 100, now: () => now })
  line.update('one')
  now = 99
  line.update('two')
  now = 100
  line.update('three is longer than the line')
  line.end()
  line.end()
  expect(stream.written).toEqual(['\r\u001b[2Kone', '\r\u001b[2Kthree is longer tha', '\n'])
})

test('LiveLine elsewhere writes whole lines, and fewer', () => {
  const stream = recorder({})
  let now = 0
  const line = new LiveLine(stream, { now: () => now })
  line.update('one')
  now = 1_999
  line.update('two')
  line.note('killed')
  now = 2_000
  line.update('three')
  line.end()
  expect(stream.written).toEqual(['one\n', 'killed\n', 'three\n'])
})
