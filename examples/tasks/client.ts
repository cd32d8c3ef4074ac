import { TaskError } from '@dashi/tasks'
import { add, app, flaky } from './app.ts'

const inTime = { timeoutMs: 20_000 }

const sum = await add.delay(1, 2)
console.log('sum:', await sum.get(inTime))

const later = await add.applyAsync([20, 22], { countdownMs: 200 })
console.log('later:', await later.get(inTime))

console.log('flaky:', await (await flaky.delay(2)).get(inTime))

const unknown = await app.sendTask('example.unknown')
try {
  await unknown.get(inTime)
} catch (error) {
  console.log('unknown:', TaskError.is(error) ? error.code : error)
}

await app.close()
