/** What is final stays final. */
import { type StoreCaseGroup, storeCase } from './case.ts'
import { metaOf } from './store-stage.ts'

const sequences: readonly (readonly [states: readonly string[], last: string])[] = [
  [['STARTED', 'PROGRESS', 'SUCCESS'], 'SUCCESS'],
  [['SUCCESS', 'STARTED'], 'SUCCESS'],
  [['SUCCESS', 'FAILURE'], 'SUCCESS'],
  [['SUCCESS', 'REVOKED'], 'SUCCESS'],
  [['FAILURE', 'STARTED'], 'FAILURE'],
  [['FAILURE', 'RETRY'], 'FAILURE'],
  [['FAILURE', 'SUCCESS'], 'SUCCESS'],
  [['REVOKED', 'PROGRESS'], 'REVOKED'],
  [['RETRY', 'STARTED'], 'STARTED'],
]

export const orderCases: StoreCaseGroup = {
  name: 'order',
  cases: () => [
    ...sequences.map(([states, last]) =>
      storeCase(`${states.join(', ')} ends as ${last}`, async (stage) => {
        const pair = stage.pair()
        const taskId = stage.taskId()
        const news = await pair.watch(taskId)
        for (const state of states) await pair.store(metaOf(taskId, state, state))
        // Whatever comes after is told after.
        const next = await pair.watch(stage.taskId())
        await news.of(last)
        stage
          .expect(await lastOf(pair.client, taskId))
          .toMatchObject({ status: last, result: last })
        news.stop()
        next.stop()
      }),
    ),

    storeCase('what is stored in one turn is stored in order', async (stage) => {
      const pair = stage.pair()
      const taskId = stage.taskId()
      const news = await pair.watch(taskId)
      await Promise.all(
        ['STARTED', 'PROGRESS', 'SUCCESS'].map((state) => pair.store(metaOf(taskId, state, state))),
      )
      await news.of('SUCCESS')
      stage.expect((await pair.client.load(taskId))?.status).toBe('SUCCESS')
      stage.expect(news.states.at(-1)).toBe('SUCCESS')
    }),
  ],
}

async function lastOf(
  client: { load(taskId: string): Promise<unknown> },
  taskId: string,
): Promise<object> {
  const meta = await client.load(taskId)
  return meta ?? {}
}
