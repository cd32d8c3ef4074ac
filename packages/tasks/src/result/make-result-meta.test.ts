import { expect, test } from 'vitest'
import { resultMeta } from './make-result-meta.ts'

test("resultMeta() has Celery's keys in Celery's order", () => {
  const doneMs = Date.UTC(2026, 10, 22, 4, 39, 16, 423)
  expect(JSON.stringify(resultMeta({ taskId: 'i', status: 'SUCCESS', result: 3, doneMs }))).toBe(
    '{"status":"SUCCESS","result":3,"traceback":null,"children":[],"date_done":"2026-11-22T04:39:16.423000+00:00","task_id":"i"}',
  )
})

test('resultMeta() has no date before it is done, and undefined is null', () => {
  const meta = resultMeta({ taskId: 'i', status: 'STARTED', result: undefined, groupId: 'g' })
  expect(meta).toMatchObject({ date_done: null, result: null, group_id: 'g' })
})

test('resultMeta() puts what is extended, and stamps flat, before the id', () => {
  const call = { name: 't', args: [1], kwargs: {}, worker: 'w', retries: 0, queue: 'q' }
  const extended = { ...call, stampedHeaders: ['s'], stamps: { s: 1 } }
  const meta = resultMeta({ taskId: 'i', status: 'SUCCESS', result: 1, parentId: 'p', extended })
  expect(Object.keys(meta).slice(5).join()).toBe(
    'parent_id,name,args,kwargs,worker,retries,queue,stamped_headers,s,task_id',
  )
})
