import { constants, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { checkOneFrame } from './zstd-frame.ts'

const body = Buffer.from('hello hello hello '.repeat(20_000))
const frames = [
  ['of one block', zstdCompressSync('hello')],
  ['of several blocks', zstdCompressSync(body)],
  ['of runs', zstdCompressSync(Buffer.alloc(400_000))],
  ['with a checksum', zstdCompressSync(body, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
  ['without a size', zstdCompressSync(body, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } })],
  ['of nothing', zstdCompressSync('')],
] as const

test.each(frames)('a frame %s is whole, and only whole', (_what, frame) => {
  expect(() => checkOneFrame(frame)).not.toThrow()
  expect(() => checkOneFrame(Buffer.concat([frame, Buffer.alloc(3)]))).toThrow('3 more bytes')
  for (let length = 0; length < frame.length; length += 1) {
    expect(() => checkOneFrame(frame.subarray(0, length))).toThrow(RangeError)
  }
})
