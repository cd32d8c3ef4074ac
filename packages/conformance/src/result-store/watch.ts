/** Who waits is told. */
import { type StoreCase, type StoreCaseGroup, storeCase } from './case.ts'
import type { ResultStoreSetup } from './setup.ts'
import { metaOf } from './store-stage.ts'

export const watchCases: StoreCaseGroup = {
  name: 'watch',
  cases: (setup) => [
    storeCase('changes are told, in order', async (stage) => {
      const pair = stage.pair()
      const taskId = stage.taskId()
      const news = await pair.watch(taskId)
      stage.expect(news.states).toEqual([])
      await pair.store(metaOf(taskId, 'STARTED', { pid: 7 }))
      await news.of('STARTED')
      await pair.store(metaOf(taskId, 'SUCCESS', 3))
      stage.expect((await news.of('SUCCESS')).result).toBe(3)
      stage.expect(news.states).toEqual(['STARTED', 'SUCCESS'])
    }),

    storeCase('what is known is told at once', async (stage) => {
      const pair = stage.pair()
      const taskId = stage.taskId()
      await pair.store(metaOf(taskId, 'SUCCESS', 3))
      const news = await pair.watch(taskId)
      await news.of('SUCCESS')
      stage.expect(news.states).toEqual(['SUCCESS'])
    }),

    storeCase(
      'several listeners of a task are all told, also one that came later',
      async (stage) => {
        const pair = stage.pair()
        const taskId = stage.taskId()
        const first = await pair.watch(taskId)
        await pair.store(metaOf(taskId, 'STARTED'))
        await first.of('STARTED')
        const second = await pair.watch(taskId)
        await second.of('STARTED')
        await pair.store(metaOf(taskId, 'SUCCESS'))
        await Promise.all([first.of('SUCCESS'), second.of('SUCCESS')])
        stage.expect([first.states, second.states]).toEqual([
          ['STARTED', 'SUCCESS'],
          ['STARTED', 'SUCCESS'],
        ])
      },
    ),

    storeCase('who has stopped is told nothing; the others go on', async (stage) => {
      const pair = stage.pair()
      const taskId = stage.taskId()
      const [first, second] = [await pair.watch(taskId), await pair.watch(taskId)]
      first.stop()
      await pair.store(metaOf(taskId, 'SUCCESS'))
      await second.of('SUCCESS')
      second.stop()
      stage.expect(first.states).toEqual([])
      const again = await pair.watch(taskId)
      await again.of('SUCCESS')
    }),

    storeCase(
      'results of 500 tasks stored in one turn are each told to their own',
      async (stage) => {
        const pair = stage.pair()
        const ids = Array.from({ length: 500 }, () => stage.taskId())
        const news = await Promise.all(ids.map((id) => pair.watch(id)))
        await Promise.all(ids.map((id, index) => pair.store(metaOf(id, 'SUCCESS', index))))
        const told = await Promise.all(news.map((one) => one.of('SUCCESS', 15_000)))
        stage.expect(told.map(({ result }) => result)).toEqual(ids.map((_, index) => index))
        for (const one of news) one.stop()
      },
    ),

    storeCase('a result that races with its watch is not missed', async (stage) => {
      const pair = stage.pair()
      for (let round = 0; round < 50; round += 1) {
        const taskId = stage.taskId()
        const stored = afterTurns(round % 10, () => pair.store(metaOf(taskId, 'SUCCESS', round)))
        const news = await pair.watch(taskId)
        await stored
        stage.expect((await news.of('SUCCESS')).result).toBe(round)
        news.stop()
      }
    }),

    ...reconnecting(setup),
  ],
}

/** So that the two meet at every step of each other. */
async function afterTurns(count: number, work: () => Promise<void>): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await undefined
  await work()
}

function reconnecting({ cutConnections }: ResultStoreSetup): readonly StoreCase[] {
  if (cutConnections === undefined) return []
  return [
    storeCase('nothing is missed when connections break', async (stage) => {
      const pair = stage.pair()
      for (let round = 0; round < 5; round += 1) {
        const taskId = stage.taskId()
        const news = await pair.watch(taskId)
        await pair.store(metaOf(taskId, 'STARTED'))
        await Promise.all([pair.store(metaOf(taskId, 'SUCCESS', round)), cutConnections()])
        stage.expect((await news.of('SUCCESS')).result).toBe(round)
        news.stop()
      }
    }),

    storeCase(
      'a result that is stored while nobody is connected is told afterwards',
      async (stage) => {
        const pair = stage.pair()
        const taskId = stage.taskId()
        const news = await pair.watch(taskId)
        await cutConnections()
        await pair.store(metaOf(taskId, 'SUCCESS', 7))
        stage.expect((await news.of('SUCCESS')).result).toBe(7)
      },
    ),
  ]
}
