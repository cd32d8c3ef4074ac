import { expect, test } from 'vitest'
import { openRabbitmqStage } from '../testing/rabbitmq-stage.ts'
import { printedBy } from '../testing/transcript.ts'

test('the walk-through prints what its README says, twice, and leaves nothing', async ({
  skip,
}) => {
  await using stage = await openRabbitmqStage(skip)
  const amqpUrl = `amqp://${new URL(stage.url).host}`
  for (let count = 0; count < 2; count += 1) {
    await using program = stage.runWith(
      'rabbitmq-management/manage.ts',
      stage.managementUrl,
      amqpUrl,
    )
    await program.printsNothingBut(printedBy(import.meta.dirname, 'localhost:5672'))
  }
  expect(await stage.management.virtualHosts.list()).not.toContain('walk-through')
  const users = (await stage.management.users.list()).map(({ name }) => name)
  expect(users).not.toContain('walker')
  expect(users).not.toContain('onlooker')
})
