import { expect, test } from 'vitest'
import { ReplyError } from './client-errors.ts'
import { redirectionOf } from './redirection.ts'

const asked = { host: 'here', port: 1 }

test.each([
  ['MOVED 3999 127.0.0.1:6381', { kind: 'MOVED', node: { host: '127.0.0.1', port: 6381 } }],
  ['ASK 3999 node.example:6381', { kind: 'ASK', node: { host: 'node.example', port: 6381 } }],
  ['MOVED 3999 :6381', { kind: 'MOVED', node: { host: 'here', port: 6381 } }],
  ['MOVED 1 ::1:6381', { kind: 'MOVED', node: { host: '::1', port: 6381 } }],
  ['TRYAGAIN Multiple keys request during rehashing of slot', { kind: 'TRYAGAIN' }],
  ['CLUSTERDOWN Hash slot not served', undefined],
  ['MOVED', undefined],
])('reads %j', (message, expected) => {
  expect(redirectionOf(new ReplyError(message), asked)).toEqual(expected)
})

test('is only what the server said', () => {
  expect(redirectionOf(new Error('MOVED 1 h:1'), asked)).toBe(undefined)
})
