import { defaultCodecs } from '@dashi/messaging'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OutgoingTask, TaskMessage } from './outgoing-task.ts'
import { readTask } from './read-task.ts'
import { requestData, requestFromData } from './request-data.ts'
import { noEmbed, type TaskRequest } from './task-request.ts'
import { receivedMessage } from './testing/received-message.ts'
import { writeTask } from './write-task.ts'
import { writeTaskV1 } from './write-task-v1.ts'

const plain: OutgoingTask = {
  ...{ id: 'an-id', task: 'tasks.add', args: [1, 'a'], kwargs: {}, embed: noEmbed, retries: 0 },
  ...{ etaMs: undefined, expiresMs: undefined, rootId: 'an-id', parentId: undefined },
  ...{ timeLimitMs: { hard: undefined, soft: undefined }, groupId: undefined },
  ...{ groupIndex: undefined, shadow: undefined, origin: 'gen1@h', ignoreResult: undefined },
  ...{ replacedTaskNesting: 0, stampedHeaders: undefined, stamps: {}, headers: {} },
}

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const name = fc.string({ minLength: 1 })
// Kombu's JSON refuses an object with the key __proto__.
const value = fc.jsonValue().filter((some) => !JSON.stringify(some).includes('__proto__'))
const key = name.filter((some) => some !== '__proto__')
const record = fc.dictionary(key, value) as fc.Arbitrary<Record<string, unknown>>
const signatures = fc.option(fc.array(record), { nil: null })
// 1 January 2000 to 2100.
const time = fc.integer({ min: 946_684_800_000, max: 4_102_444_800_000 })

const outgoing: fc.Arbitrary<OutgoingTask> = fc.record({
  ...{ id: name, task: name, rootId: name, origin: name, retries: fc.nat() },
  ...{ args: fc.array(value), kwargs: record },
  ...{ etaMs: optional(time), expiresMs: optional(time), groupIndex: optional(fc.nat()) },
  ...{ parentId: optional(name), groupId: optional(name), shadow: optional(name) },
  ...{ ignoreResult: optional(fc.boolean()), replacedTaskNesting: fc.nat() },
  embed: fc.record({
    callbacks: signatures,
    errbacks: signatures,
    chain: signatures,
    chord: record,
  }),
  timeLimitMs: fc.record({
    hard: optional(fc.integer({ min: 1, max: 1e9 })),
    soft: optional(fc.integer({ min: 1, max: 1e9 })),
  }),
  stampedHeaders: optional(fc.constant(['s'])),
  stamps: fc.record({ s: value }),
  headers: fc.record({ tenant: value }),
})

/** What a worker reads of it. */
function received({ headers, body }: TaskMessage): TaskRequest {
  const wire = JSON.parse(defaultCodecs.dumps(headers, 'json').body as string)
  return readTask(receivedMessage({ headers: wire, body: body as object }))
}

/** As JSON has it: without undefined, and 0 for -0. */
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value))

describe('writeTask()', () => {
  test("has Celery's headers in Celery's order, null when unset", () => {
    const { headers, body } = writeTask(plain)
    expect(JSON.stringify(headers)).toBe(
      '{"lang":"js","task":"tasks.add","id":"an-id","shadow":null,"eta":null,"expires":null,"group":null,"group_index":null,' +
        '"retries":0,"timelimit":[null,null],"root_id":"an-id","parent_id":null,"argsrepr":"(1, \'a\')","kwargsrepr":"{}",' +
        '"origin":"gen1@h","ignore_result":null,"replaced_task_nesting":0,"stamped_headers":null,"stamps":{}}',
    )
    expect(JSON.stringify(body)).toBe(
      '[[1,"a"],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]',
    )
  })

  test("the caller's headers come last and win", () => {
    const { headers } = writeTask({ ...plain, headers: { tenant: 7, shadow: 'mine' } })
    expect(headers).toMatchObject({ tenant: 7, shadow: 'mine' })
  })

  test('times are ISO 8601 and seconds', () => {
    const etaMs = Date.UTC(2026, 10, 22, 4, 39, 17)
    const timeLimitMs = { hard: 1_500, soft: undefined }
    const { headers } = writeTask({ ...plain, etaMs, expiresMs: etaMs + 7, timeLimitMs })
    expect(headers).toMatchObject({
      eta: '2026-11-22T04:39:17+00:00',
      expires: '2026-11-22T04:39:17.007000+00:00',
      timelimit: [1.5, null],
    })
  })

  test.each([Number.NaN, 8e15, Number.POSITIVE_INFINITY])('a time of %d ms is refused', (etaMs) => {
    expect(() => writeTask({ ...plain, etaMs })).toThrow('tasks.add[an-id] cannot be sent')
  })

  test('what is written is read again', () => {
    fc.assert(
      fc.property(outgoing, (task) => {
        const read = requestData(received(writeTask(task)))
        const { stampedHeaders = [], stamps, ...rest } = task
        const expected = { ...rest, stampedHeaders, stamps: task.stampedHeaders ? stamps : {} }
        expect(asJson({ ...requestFromData(read) })).toMatchObject(asJson(expected))
      }),
    )
  })
})

describe('writeTaskV1()', () => {
  test('what is written is read again', () => {
    fc.assert(
      fc.property(outgoing, (task) => {
        const embed = { ...task.embed, chain: null }
        const read = received(writeTaskV1({ ...task, embed }))
        const { id, args, kwargs, retries, etaMs, expiresMs, groupId, groupIndex, headers } = task
        const { timeLimitMs } = task
        const expected = {
          id,
          args,
          kwargs,
          retries,
          etaMs,
          expiresMs,
          groupId,
          groupIndex,
          headers,
        }
        expect(asJson({ ...requestFromData(requestData(read)) })).toMatchObject(
          asJson({ ...expected, embed, timeLimitMs, protocol: 1 }),
        )
      }),
    )
  })

  test('refuses a chain, which it has no place for', () => {
    const embed = { ...noEmbed, chain: [{}] }
    expect(() => writeTaskV1({ ...plain, embed })).toThrow('Set taskProtocol to 2')
  })
})

describe('requestData()', () => {
  test('survives a structured clone, special values and all', () => {
    const { headers, body } = writeTask({
      ...plain,
      args: [new Date(7), 10n ** 30n, Uint8Array.of(255)],
    })
    const data = structuredClone(requestData(received({ headers, body })))
    expect(requestFromData(data).args).toEqual([new Date(7), 10n ** 30n, Uint8Array.of(255)])
    expect(requestFromData(data).id).toBe('an-id')
  })

  test('hands over as it is what JSON has no form for', () => {
    const request = {
      ...received(writeTask(plain)),
      args: [new Map([[1, 2]])],
      kwargs: {},
      embed: noEmbed,
    }
    const data = structuredClone(requestData(request))
    expect(requestFromData(data).args).toEqual([new Map([[1, 2]])])
  })
})
