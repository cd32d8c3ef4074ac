/** `npm run faults`: carries out one plan and says what came of it. The last line is a JSON object. */
import { bringUp } from '../../tools/services/shared-brokers.ts'
import { runCampaign } from './campaign.ts'
import { parseCommandLine, type Request, usage } from './command-line.ts'
import { isKombu } from './fault-transports.ts'
import { isGood } from './referee/verdict.ts'
import { reportData, reportText } from './report.ts'

async function pythonFor({ plan }: Request): Promise<string | undefined> {
  if (!isKombu(plan.transport)) return undefined
  const { environment } = await bringUp('python')
  return environment['DASHI_TEST_PYTHON_56']
}

/** Aborts at the first wish to end: the run then stops whatever it has started. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort(new Error(`ended by ${signal}`)))
  }
  return controller.signal
}

/** Node shows nothing of an error behind which others hide. */
function unwrapped(error: unknown): unknown {
  if (!(error instanceof SuppressedError)) return error
  return new AggregateError([unwrapped(error.suppressed), unwrapped(error.error)], error.message)
}

async function main(request: Request): Promise<void> {
  const signal = interruption()
  const python = await pythonFor(request)
  const { keepLedgers, isJsonOnly, plan } = request
  const result = await runCampaign(plan, { signal, python, keepLedgers }).catch((error) => {
    if (!signal.aborted) throw unwrapped(error)
    console.error(`${signal.reason.message}; everything that was started has been stopped`)
    return undefined
  })
  process.exitCode = 130
  if (result === undefined) return
  if (!isJsonOnly) console.log(reportText(result))
  console.log(JSON.stringify(reportData(result)))
  process.exitCode = isGood(result.verdict) ? 0 : 1
}

function requested(): Request | undefined {
  if (process.argv.includes('--help')) {
    console.log(usage)
    return undefined
  }
  try {
    return parseCommandLine(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    process.exitCode = 2
    return undefined
  }
}

const request = requested()
if (request !== undefined) await main(request)
