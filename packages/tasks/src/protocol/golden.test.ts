/** Messages that Celery itself has published, of both releases: see tests/interop/fixtures/make_tasks.py. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readTask } from './read-task.ts'
import type { TaskRequest } from './task-request.ts'
import { receivedMessage } from './testing/received-message.ts'
import { writeTask } from './write-task.ts'

interface Golden {
  readonly calls: Readonly<Record<string, readonly GoldenMessage[]>>
}

interface GoldenMessage {
  readonly headers: Readonly<Record<string, unknown>>
  readonly properties: { readonly correlation_id: string; readonly reply_to: string }
  readonly content_type: string
  readonly content_encoding: string
  readonly body: string
}

const whenMs = Date.UTC(2026, 10, 22, 4, 39, 17)
const unlimited = { hard: undefined, soft: undefined }

const expected: Readonly<Record<string, readonly object[]>> = {
  plain: [{ id: 'plain', args: [1, 2], kwargs: {}, argsrepr: '(1, 2)', timeLimitMs: unlimited }],
  list: [
    { args: ["é'\n"], kwargs: { y: null }, argsrepr: "['é\\'\n']", kwargsrepr: "{'y': None}" },
  ],
  times: [{ etaMs: whenMs + 467, expiresMs: whenMs, timeLimitMs: { hard: 10_000, soft: 2_500 } }],
  naive: [{ etaMs: whenMs + 467, expiresMs: undefined }],
  family: [
    {
      ...{ rootId: 'root', parentId: 'parent', groupId: 'group', groupIndex: 3, retries: 2 },
      ...{ shadow: 'shadow', ignoreResult: true, headers: { tenant: 7 } },
    },
  ],
  links: [
    {
      embed: {
        callbacks: [{ task: 'tasks.add' }],
        errbacks: [{ task: 'tasks.total' }],
        chain: null,
      },
    },
  ],
  chain: [{ id: 'chain-1', embed: { chain: [{ args: [4] }, { args: [3] }] } }],
  group: [
    { id: 'group-1', groupId: 'group-id' },
    { id: 'group-2', groupId: 'group-id' },
  ],
  v1: [
    {
      ...{ id: 'v1', protocol: 1, args: [1], kwargs: { y: 3 }, groupId: 'g', etaMs: whenMs + 467 },
      timeLimitMs: { hard: 9_000, soft: undefined },
    },
  ],
}

function requestOf(message: GoldenMessage): TaskRequest {
  const { correlation_id: correlationId, reply_to: replyTo } = message.properties
  return readTask(
    receivedMessage({
      headers: message.headers,
      properties: { correlationId, replyTo },
      body: Buffer.from(message.body, 'base64'),
      contentType: message.content_type,
      contentEncoding: message.content_encoding,
    }),
  )
}

describe.each(['5.2', '5.6'])('Celery %s', (release) => {
  const fixture = new URL(
    `../../../../tests/interop/fixtures/tasks-${release}.json`,
    import.meta.url,
  )
  const golden: Golden = JSON.parse(readFileSync(fixture, 'utf8'))

  test('every call is here', () => {
    expect(Object.keys(golden.calls)).toEqual(Object.keys(expected))
  })

  test.each(Object.entries(golden.calls))('%s is read', (name, messages) => {
    const requests = messages.map(requestOf)
    expect(requests).toMatchObject(expected[name] ?? [])
    for (const request of requests) {
      expect(request).toMatchObject({ task: 'tasks.add', replyTo: 'the-reply-queue' })
    }
  })

  const v2 = Object.entries(golden.calls).filter(([name]) => name !== 'v1')
  test.each(v2)('%s is written as it was', (_name, messages) => {
    for (const message of messages) {
      const request = requestOf(message)
      const { origin = '' } = request
      const { headers, body } = writeTask({ ...request, ...plainOf(request), origin })
      expect(JSON.parse(JSON.stringify(body))).toEqual(
        JSON.parse(Buffer.from(message.body, 'base64').toString()),
      )
      expect(known(headers)).toEqual(known(message.headers))
      expect(Object.keys(headers)).toEqual(expect.arrayContaining(Object.keys(message.headers)))
    }
  })
})

/** Getters are not copied by a spread. */
function plainOf(request: TaskRequest) {
  const { id, task, args, kwargs, embed, retries, etaMs, expiresMs, timeLimitMs, rootId } = request
  const { parentId, groupId, groupIndex, shadow, ignoreResult, replacedTaskNesting } = request
  return {
    ...{ id, task, args, kwargs, embed, retries, etaMs, expiresMs, timeLimitMs, rootId, parentId },
    ...{ groupId, groupIndex, shadow, ignoreResult, replacedTaskNesting },
    ...{ stampedHeaders: undefined, stamps: {}, headers: request.headers },
  }
}

/**
 * Without what differs: the language, a list where we print a tuple, and dates, which Python writes with microseconds and any
 * offset.
 */
function known(headers: Readonly<Record<string, unknown>>) {
  const { lang: _lang, argsrepr, eta, expires, ...rest } = headers
  const dates = [eta, expires].map((date) => (typeof date === 'string' ? 'a date' : null))
  const {
    group_index = null,
    replaced_task_nesting = 0,
    stamped_headers = null,
    stamps = {},
  } = rest
  return {
    ...rest,
    ...{ group_index, replaced_task_nesting, stamped_headers, stamps, dates },
    argsrepr: String(argsrepr).replace(/^\[(.*)\]$/s, '($1,)'),
  }
}
