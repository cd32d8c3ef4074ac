/**
 * The demo's command line. Pure.
 */
import { parseArgs } from 'node:util'
import type { FetchLimits } from './crawl/fetch-page.ts'

/** What the demo is asked to do. */
export interface DemoOptions {
  /** Where to begin; `undefined` for the bundled site. */
  readonly url: string | undefined
  /** The broker; `undefined` for an SQLite file in a temporary folder. */
  readonly broker: string | undefined
  /** Worker processes at the start, at least 2: one of them is killed on the way. */
  readonly workers: number
  /** Pages that are asked for at most; what is discovered beyond them is accounted as not visited. */
  readonly maxPages: number
  readonly limits: FetchLimits
  /** Pause of a worker between two pages. */
  readonly pauseMs: number
  /** Print one JSON object instead of a table. */
  readonly json: boolean
}

/** What a command line turned out to be. `error` says what is wrong, which, and what to do. */
export type ParsedCommandLine =
  | { readonly kind: 'run'; readonly options: DemoOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'error'; readonly message: string }

const helpText = `Crawls a web site with several worker processes, over a message queue, and accounts for every page.

  npm run demo                    the documentation of the installed packages, over SQLite
  npm run demo -- [options]

  --url URL         crawl this site instead; pages of other sites are counted, not visited
  --broker URL      use this broker instead, e.g. redis://localhost:6379
  --workers N       worker processes at the start, 2 to 32 (default 3)
  --max-pages N     ask for at most N pages (default 5000, with --url 500)
  --max-bytes N     give up on a page that is larger (default 1000000)
  --timeout-ms N    give up on a page that takes longer (default 10000)
  --pause-ms N      pause of a worker between two pages (default 0, with --url 200)
  --json            print one JSON object instead of the table
  --help            print this

The last line is "accounted N of N". The exit code is 0 if the two numbers are equal, 1 if not, and
2 if the options make no sense.`

const flags = {
  url: { type: 'string' },
  broker: { type: 'string' },
  workers: { type: 'string' },
  'max-pages': { type: 'string' },
  'max-bytes': { type: 'string' },
  'timeout-ms': { type: 'string' },
  'pause-ms': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Reads the arguments that follow the program's name. Never throws. */
export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
  try {
    const { values } = parseArgs({ args: [...args], options: flags, strict: true })
    if (values.help === true) return { kind: 'help', text: helpText }
    return { kind: 'run', options: optionsOf(values) }
  } catch (error) {
    // Whatever is thrown here says what is wrong with the arguments.
    return { kind: 'error', message: `${messageOf(error)}\n${advice}` }
  }
}

const advice = 'See "npm run demo -- --help" for the options (mind the " -- ").'

type FlagValues = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values']

function optionsOf(values: FlagValues): DemoOptions {
  const own = values.url === undefined
  const number = numberReader(values)
  return {
    url: values.url === undefined ? undefined : siteUrl(values.url),
    broker: values.broker === undefined ? undefined : brokerUrl(values.broker),
    workers: number('workers', { least: 2, most: 32, otherwise: 3 }),
    maxPages: number('max-pages', { least: 1, most: 1_000_000, otherwise: own ? 5_000 : 500 }),
    limits: {
      maxBytes: number('max-bytes', { least: 1, most: 100_000_000, otherwise: 1_000_000 }),
      timeoutMs: number('timeout-ms', { least: 1, most: 600_000, otherwise: 10_000 }),
    },
    pauseMs: number('pause-ms', { least: 0, most: 60_000, otherwise: own ? 0 : 200 }),
    json: values.json === true,
  }
}

interface NumberRange {
  readonly least: number
  readonly most: number
  readonly otherwise: number
}

type NumberFlag = 'workers' | 'max-pages' | 'max-bytes' | 'timeout-ms' | 'pause-ms'

function numberReader(values: FlagValues): (name: NumberFlag, range: NumberRange) => number {
  return (name, { least, most, otherwise }) => {
    const text = values[name]
    if (text === undefined) return otherwise
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new RangeError(
      `Cannot use --${name} ${JSON.stringify(text)}: it has to be a whole number from ${least} to ${most}.`,
    )
  }
}

function siteUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') {
    url.hash = ''
    return url.href
  }
  throw new TypeError(
    `Cannot crawl ${JSON.stringify(text)}: --url takes an address that begins with http:// or https://.`,
  )
}

function brokerUrl(text: string): string {
  if (/^[\w+.-]+:\/\//.test(text)) return text
  throw new TypeError(
    `Cannot use the broker ${JSON.stringify(text)}: --broker takes a URL such as redis://localhost:6379.`,
  )
}

/** The first sentence; Node appends advice for programs that take file names. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return /^Unknown option '[^']*'/.exec(message)?.[0].concat('.') ?? message
}
