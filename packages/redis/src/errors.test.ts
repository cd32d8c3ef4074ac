import { ChannelError, PublishError } from '@dashi/messaging/transport'
import { describe, expect, test } from 'vitest'
import { operationError, publishError, sessionEnd } from './errors.ts'
import { BacklogError } from './resp/command-writer.ts'

describe('a command that was not sent, as too much waits already', () => {
  const backlog = new BacklogError('the server does not read')

  test('is a refused publish', () => {
    const error = publishError(backlog, 'append to queue "q"')
    expect(error).toBeInstanceOf(PublishError)
    expect(error).toMatchObject({
      code: 'REFUSED',
      message: 'Cannot append to queue "q": the server does not read',
      cause: backlog,
    })
  })

  test('is a refused operation, and the session goes on', () => {
    const error = operationError(backlog, 'count')
    expect(error).toBeInstanceOf(ChannelError)
    expect(error).toMatchObject({
      code: 'REFUSED',
      message: 'Cannot count: the server does not read',
    })
    expect(sessionEnd(error)).toBe(undefined)
    expect(sessionEnd(operationError(publishError(backlog, 'append'), 'talk'))).toBe(undefined)
  })
})
