import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readTranscripts } from './testing/transcript.ts'

const examples = globSync('*/README.md', { cwd: import.meta.dirname })
  .map(dirname)
  .sort()
const index = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')

test('the index names every example, and nothing else', () => {
  const named = [...index.matchAll(/^\| \[(.+)\]\(\1\/\)/gm)].map(([, name]) => name)
  expect(named.sort()).toEqual(examples)
})

describe.each(examples)('%s', (example) => {
  const folder = join(import.meta.dirname, example)
  const programs = globSync('*.{ts,py}', { cwd: folder, exclude: ['*.test.ts'] })
  const isProgram = (file: string) => !readFileSync(join(folder, file), 'utf8').includes('export ')

  test('its README runs each of its programs, from the folder that the index says', () => {
    const commands = readTranscripts(folder).map(({ command }) => command)
    const run = commands.map((command) => / (\S+\/\S+\.(?:ts|py))/.exec(command)?.[1] ?? command)
    const wanted = programs.filter(isProgram).map((file) => `${example}/${basename(file)}`)
    expect([...new Set(run)].sort()).toEqual(wanted.sort())
  })
})
