/** Groups, and the end of a session. */
import { rejection } from '../stage/eventually.ts'
import { type StoreCaseGroup, storeCase } from './case.ts'
import { metaOf } from './store-stage.ts'

const group = [
  ['the-group', [['parent', null], null]],
  [
    [['a', null], null],
    [['b', null], null],
  ],
]

export const lifeCases: StoreCaseGroup = {
  name: 'life',
  cases: ({ groups = true }) => [
    groups
      ? storeCase('a group is kept, and forgotten', async (stage) => {
          const { client, worker } = stage.pair()
          const groupId = stage.taskId()
          stage.expect(await client.loadGroup(groupId)).toBeUndefined()
          await worker.storeGroup(groupId, group)
          stage.expect(await client.loadGroup(groupId)).toEqual(group)
          await client.forgetGroup(groupId)
          stage.expect(await client.loadGroup(groupId)).toBeUndefined()
        })
      : storeCase('groups are refused', async (stage) => {
          const session = stage.open()
          const error = await rejection(session.storeGroup(stage.taskId(), group))
          stage.expect(error).toMatchObject({ code: 'UNSUPPORTED' })
          await rejection(session.loadGroup(stage.taskId()))
        }),

    storeCase('a closed session refuses, and may be closed again', async (stage) => {
      const { client, worker } = stage.pair()
      const taskId = stage.taskId()
      await client.watch(taskId, () => undefined)
      await Promise.all([client.close(), worker.close()])
      await client.close()
      const attempts = [
        client.load(taskId),
        client.watch(taskId, () => undefined),
        worker.store(metaOf(taskId, 'SUCCESS'), { replyTo: 'x', correlationId: taskId }),
      ]
      for (const attempt of attempts) {
        const error = await rejection(attempt)
        stage.expect(['CLOSED', 'CONNECTION_CLOSED']).toContain(Reflect.get(error, 'code'))
      }
    }),

    storeCase('a session that was never used closes', async (stage) => {
      await stage.open().close()
    }),
  ],
}
