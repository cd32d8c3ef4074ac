/**
 * `npm run demo`: see `npm run demo -- --help`.
 */

import { MessagingError } from '@dashi/messaging'
import { startQueueCrew } from './crew/queue-crew.ts'
import { type DemoOptions, parseCommandLine } from './options.ts'
import { runDemo } from './run.ts'

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(args)
  switch (parsed.kind) {
    case 'help':
      console.log(parsed.text)
      return 0
    case 'error':
      console.error(parsed.message)
      return 2
    case 'run':
      return await run(parsed.options)
    default:
      return parsed satisfies never
  }
}

/** The first interrupt stops the workers and ends in the account, the second one ends at once. */
async function run(options: DemoOptions): Promise<number> {
  const interrupt = new AbortController()
  process.once('SIGINT', () => interrupt.abort())
  process.once('SIGTERM', () => interrupt.abort())
  const { signal } = interrupt
  try {
    return await runDemo(options, startQueueCrew, {
      out: process.stdout,
      live: process.stderr,
      signal,
    })
  } catch (error) {
    if (!MessagingError.is(error)) throw error
    console.error(`The demo cannot run: ${error.message}`)
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))
