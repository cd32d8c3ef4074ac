import { expect, test } from 'vitest'
import { visitPage } from './crawl/visit-page.ts'
import type { Crew, StartCrew } from './crew/crew.ts'
import { type DemoOptions, parseCommandLine } from './options.ts'
import { runDemo } from './run.ts'
import { startSite } from './site/server.ts'

function optionsOf(...args: readonly string[]): DemoOptions {
  const parsed = parseCommandLine(args)
  if (parsed.kind !== 'run') throw new Error('these arguments are to be run')
  return parsed.options
}

function recorder() {
  const texts: string[] = []
  return { texts, write: (text: string) => texts.push(text) }
}

/** A crew within this process: the crawl and its account are the same whoever visits. */
function startHere(log: string[]): StartCrew {
  return async ({ limits }): Promise<Crew> => ({
    broker: 'none',
    size: 1,
    concurrency: 4,
    repeated: [],
    onNews: (listener) => {
      listener('here joined')
      return () => log.push('unheard')
    },
    visit: (url) => visitPage(url, { limits, worker: 'here' }),
    kill: () => {
      log.push('kill')
      return 'here'
    },
    join: async () => {
      log.push('join')
    },
    reports: () => [{ name: 'here', capabilities: ['visit'], handled: 0, end: 'finished' }],
    [Symbol.asyncDispose]: async () => {
      log.push('close')
    },
  })
}

test('the bundled site, at least 200 pages of it, is accounted for to the last', async () => {
  const log: string[] = []
  const [out, live] = [recorder(), recorder()]
  const code = await runDemo(optionsOf('--json'), startHere(log), { out, live })
  const { url, summary, workers } = JSON.parse(out.texts.join(''))
  expect(code).toBe(0)
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect(summary.counts).toMatchObject({
    'fetched-repeatedly': 0,
    'not-visited': 0,
    failed: 0,
    'not-found': expect.toSatisfy((count: number) => count > 0),
    'not-html': expect.toSatisfy((count: number) => count > 0),
    external: expect.toSatisfy((count: number) => count > 0),
  })
  expect(summary.counts['fetched-once']).toBeGreaterThanOrEqual(200)
  expect(summary).toMatchObject({ accounted: summary.discovered, open: [], repeated: [] })
  expect(workers).toHaveLength(1)
  expect(log).toEqual(['kill', 'join', 'unheard', 'close'])
  expect(live.texts).toEqual(
    expect.arrayContaining(['here joined\n', 'here was killed (SIGKILL)\n']),
  )
}, 60_000)

test('a page that was asked for twice is reported, though there was one result', async () => {
  const out = recorder()
  const startTwice: StartCrew = async (options) => {
    const crew = await startHere([])(options)
    const visitTwice: Crew['visit'] = async (url) => {
      await crew.visit(url)
      return crew.visit(url)
    }
    return { ...crew, visit: visitTwice }
  }
  const options = optionsOf('--max-pages', '3', '--json')
  await runDemo(options, startTwice, { out, live: recorder() })
  const { summary } = JSON.parse(out.texts.join(''))
  expect(summary.counts).toMatchObject({ 'fetched-once': 0, 'fetched-repeatedly': 3 })
})

test('another site is crawled up to the page limit, and ends in the account', async () => {
  const site = await startSite()
  const out = recorder()
  const options = optionsOf('--url', site.url, '--max-pages', '5')
  expect(await runDemo(options, startHere([]), { out, live: recorder() })).toBe(0)
  await site.close()
  const lines = out.texts.join('').trimEnd().split('\n')
  expect(lines[0]).toContain(`${site.url} over none in`)
  expect(lines.at(-1)).toMatch(/^accounted (\d+) of \1$/)
  expect(lines.find((line) => line.startsWith('fetched once'))).toMatch(/ 5$/)
})

test('a crew that cannot be started is an error', async () => {
  const refuse: StartCrew = () => Promise.reject(new Error('no broker'))
  const output = { out: recorder(), live: recorder() }
  await expect(runDemo(optionsOf(), refuse, output)).rejects.toThrow('no broker')
})
