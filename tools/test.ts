/**
 * Starts what the tests need, runs them once, and ends with the line
 * `N passed, N failed, N skipped`.
 *
 * Takes the arguments of Vitest: `npm test -- --project unit codec`. With `CI=true`, a broker that
 * cannot be had and a skipped test are failures. Brokers stay up for the next run.
 */
import { parseCLI, startVitest } from 'vitest/node'
import { UnavailableError } from './services/broker.ts'
import { bringUp, loadBroker } from './services/shared-brokers.ts'
import { brokersFor } from './test/projects.ts'
import { Tally } from './test/tally.ts'

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
const inCi = process.env['CI'] === 'true'

/** Starts the brokers, puts their places into the environment, and returns those that are missing. */
async function bringUpAll(names: readonly string[]): Promise<readonly string[]> {
  const missing: string[] = []
  for (const name of names) {
    try {
      const { environment, how } = await bringUp(name)
      Object.assign(process.env, environment)
      console.log(`${name}: up, ${how}`)
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error
      // A place that nothing answers at would make its tests fail instead of skip.
      for (const variable of (await loadBroker(name)).variables) delete process.env[variable]
      missing.push(`${name} cannot be had: ${error.message}`)
      console.log(`${name}: missing, so the tests that need it are skipped: ${error.message}`)
    }
  }
  return missing
}

async function runVitest(): Promise<Tally> {
  const tally = new Tally()
  const vitest = await startVitest(filter, {
    ...options,
    watch: false,
    reporters: ['default', tally],
  })
  await vitest.close()
  return tally
}

function report(tally: Tally, missing: readonly string[]): void {
  const { passed, failed, skips } = tally
  const strict = inCi ? [...missing, ...skips.map((skip) => `skipped in CI: ${skip}`)] : []
  if (!inCi) for (const line of [...missing, ...skips]) console.log(`skipped: ${line}`)
  for (const line of strict) console.log(`FAILED: ${line}`)
  if (passed + failed === 0) console.log('FAILED: no test was run')
  if (failed > 0 || passed === 0 || strict.length > 0) process.exitCode = 1
  console.log(`${passed} passed, ${failed} failed, ${skips.length} skipped`)
}

const projects = [options.project ?? []].flat()
const missing = await bringUpAll(brokersFor(projects))
report(await runVitest(), missing)
