/** What was stored is there, as it was, until it is forgotten or expires. */
import { Decimal } from '@dashi/messaging'
import { eventually, rejection } from '../stage/eventually.ts'
import { type StoreCase, type StoreCaseGroup, storeCase } from './case.ts'
import type { ResultStoreSetup } from './setup.ts'
import { metaOf, type StoreStage } from './store-stage.ts'

const values: readonly unknown[] = [
  null,
  false,
  0,
  1.5,
  -(2 ** 40),
  10n ** 30n,
  '',
  'ü€😀 \u0000 "\\',
  [],
  {},
  [1, [2, { three: [null, true] }]],
  { 'status": "SUCCESS': 1 },
  new Date(1_700_000_000_123),
  new Decimal('1.250'),
  Uint8Array.of(0, 255),
  'x'.repeat(1_000_000),
]

export const keepCases: StoreCaseGroup = {
  name: 'keep',
  cases: (setup) => [
    storeCase('nothing is known of a task that was never stored', async (stage) => {
      stage.expect(await stage.open().load(stage.taskId())).toBeUndefined()
    }),

    storeCase('a meta is loaded as it was stored', async (stage) => {
      const pair = stage.pair()
      const { lost = [] } = setup
      const meta = {
        ...metaOf(stage.taskId(), 'SUCCESS', 3),
        traceback: 'Traceback: ü',
        children: [[['child', null], null]],
        group_id: 'group',
        parent_id: 'parent',
        ...{ name: 'tasks.add', args: [1, 'a'], kwargs: { y: 2 } },
        ...{ worker: 'celery@here', retries: 2, queue: 'celery' },
      }
      await pair.store(meta)
      const kept = Object.entries(meta).filter(([key]) => !lost.some((name) => name === key))
      stage.expect(await known(pair.client, meta.task_id)).toMatchObject(Object.fromEntries(kept))
    }),

    storeCase('every value that the serializer knows comes back', async (stage) => {
      const pair = stage.pair()
      for (const value of values) {
        const meta = metaOf(stage.taskId(), 'SUCCESS', value)
        await pair.store(meta)
        stage.expect((await known(pair.client, meta.task_id)).result).toEqual(value)
      }
    }),

    storeCase('an exception comes back as it was encoded', async (stage) => {
      const pair = stage.pair()
      const exception = { exc_type: 'ValueError', exc_message: ['boom', 1], exc_module: 'builtins' }
      const meta = metaOf(stage.taskId(), 'FAILURE', exception)
      await pair.store(meta)
      stage.expect((await known(pair.client, meta.task_id)).result).toEqual(exception)
    }),

    storeCase('a value that cannot be written is refused, and nothing is stored', async (stage) => {
      const pair = stage.pair()
      const meta = metaOf(stage.taskId(), 'SUCCESS', () => 'no value')
      stage.expect(await rejection(pair.store(meta))).toMatchObject({ code: 'NOT_ENCODABLE' })
      stage.expect(await pair.client.load(meta.task_id)).toBeUndefined()
    }),

    storeCase('what was forgotten is not known', async (stage) => {
      const pair = stage.pair()
      const meta = metaOf(stage.taskId(), 'SUCCESS')
      await pair.store(meta)
      await known(pair.client, meta.task_id)
      await pair.client.forget(meta.task_id)
      stage.expect(await pair.client.load(meta.task_id)).toBeUndefined()
      await pair.client.forget(meta.task_id)
    }),

    ...otherReaders(setup),
    ...expiry(setup),
    ...foreign(setup),
  ],
}

/** What a client knows; it may still be on its way. */
async function known(client: ReturnType<StoreStage['open']>, taskId: string) {
  const what = `The result of ${taskId}`
  await eventually(async () => (await client.load(taskId)) !== undefined, { what })
  const meta = await client.load(taskId)
  if (meta === undefined) throw new Error(`${what} was there, and is gone`)
  return meta
}

function otherReaders({ readers = 'anybody' }: ResultStoreSetup): readonly StoreCase[] {
  if (readers === 'caller') return []
  return [
    storeCase('anybody can load it, also later', async (stage) => {
      const pair = stage.pair()
      const meta = metaOf(stage.taskId(), 'SUCCESS', 7)
      await pair.store(meta)
      await pair.client.close()
      stage.expect((await stage.open().load(meta.task_id))?.result).toBe(7)
    }),
  ]
}

function expiry({ expiry: way }: ResultStoreSetup): readonly StoreCase[] {
  if (way === 'never') return []
  return [
    storeCase('what has expired is gone', async (stage) => {
      const pair = stage.pair({ expiresMs: 1_000 })
      const meta = metaOf(stage.taskId(), 'SUCCESS', 7)
      await pair.store(meta)
      const check = async () => {
        await pair.client.cleanup()
        return (await pair.client.load(meta.task_id)) === undefined
      }
      stage.expect(await check()).toBe(false)
      await eventually(check, { what: 'Expiry', timeoutMs: 8_000 })
    }),
  ]
}

function foreign({ putForeign }: ResultStoreSetup): readonly StoreCase[] {
  if (putForeign === undefined) return []
  return [
    storeCase('bytes of somebody else are an error that says so', async (stage) => {
      const taskId = stage.taskId()
      await putForeign(taskId)
      const error = await rejection(stage.open().load(taskId))
      stage.expect(['RESULT_STORE_FAILED', 'NOT_DECODABLE']).toContain(Reflect.get(error, 'code'))
    }),
  ]
}
