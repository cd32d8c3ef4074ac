import { expect, test } from 'vitest'
import { parseCommandLine } from './options.ts'

test('parseCommandLine() without arguments asks for the bundled site on the embedded broker', () => {
  expect(parseCommandLine([])).toEqual({
    kind: 'run',
    options: {
      url: undefined,
      broker: undefined,
      workers: 3,
      maxPages: 5_000,
      limits: { maxBytes: 1_000_000, timeoutMs: 10_000 },
      pauseMs: 0,
      json: false,
    },
  })
})

test('parseCommandLine() is gentler to the sites of others', () => {
  expect(parseCommandLine(['--url', 'https://Site.test/a#b'])).toMatchObject({
    options: { url: 'https://site.test/a', maxPages: 500, pauseMs: 200 },
  })
})

test('parseCommandLine() takes every option', () => {
  const args =
    '--url http://s.test --broker redis://h:1/2 --workers 5 --max-pages 7 --max-bytes 8 --timeout-ms 9 --pause-ms 0 --json'
  expect(parseCommandLine(args.split(' '))).toEqual({
    kind: 'run',
    options: {
      url: 'http://s.test/',
      broker: 'redis://h:1/2',
      workers: 5,
      maxPages: 7,
      limits: { maxBytes: 8, timeoutMs: 9 },
      pauseMs: 0,
      json: true,
    },
  })
})

test('parseCommandLine() explains every option that it takes', () => {
  for (const flag of ['--help', '-h']) {
    const parsed = parseCommandLine([flag, '--json'])
    expect(parsed).toMatchObject({ kind: 'help' })
    for (const name of ['url', 'broker', 'workers', 'max-pages', 'timeout-ms', 'pause-ms']) {
      expect(parsed).toMatchObject({ text: expect.stringContaining(`--${name} `) })
    }
  }
})

test.each([
  [['--wokers', '3'], "Unknown option '--wokers'."],
  [['--workers', '1'], 'Cannot use --workers "1": it has to be a whole number from 2 to 32.'],
  [['--workers', '3.5'], 'Cannot use --workers "3.5"'],
  [['--workers='], 'Cannot use --workers ""'],
  [['--workers'], '--workers'],
  [['--max-pages', '1e3'], 'Cannot use --max-pages "1e3"'],
  [['--url', 'ftp://x'], 'Cannot crawl "ftp://x"'],
  [['--url', 'site'], 'Cannot crawl "site"'],
  [['--broker', 'localhost:6379'], 'Cannot use the broker "localhost:6379"'],
  [['http://site.test'], 'http://site.test'],
])('parseCommandLine() says what is wrong with %j and where to look', (args, message) => {
  expect(parseCommandLine(args)).toEqual({
    kind: 'error',
    message: expect.stringContaining(message),
  })
  expect(parseCommandLine(args)).toMatchObject({ message: expect.stringContaining('-- --help') })
})
