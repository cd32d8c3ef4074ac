import { expect, test } from 'vitest'
import { inheritedFlags } from './inherited-flags.ts'

test('conditions, imports and limits are inherited', () => {
  const flags = ['--conditions=@dashi/source', '--import', './setup.js', '--max-old-space-size=99']
  expect(inheritedFlags(flags)).toEqual(flags)
})

test.each([
  [['--input-type=module', '-e', 'start()']],
  [['--input-type', 'module', '--eval=start()']],
  [['-p', 'start()', '--inspect-brk=0', '--inspect']],
  [['-pe', 'start()', '--watch-path=.', '--watch', '--test', '-c', '-i']],
  [['--run', 'start']],
])('what says what to run is not: %j', (flags) => {
  expect(inheritedFlags(['--conditions=a', ...flags, '-C', 'b'])).toEqual([
    '--conditions=a',
    '-C',
    'b',
  ])
})
