import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isInsideChild } from './inside-child.ts'

test('this is no child; a child is one while it is preloading (--import) already', () => {
  expect(isInsideChild()).toBe(false)
  const module = new URL('./inside-child.ts', import.meta.url).href
  const preload = `data:text/javascript,import { isInsideChild } from '${module}'; console.log(isInsideChild())`
  const program = fileURLToPath(new URL('./process-child.ts', import.meta.url))
  const flags = [...process.execArgv, '--import', preload, program, String(process.pid)]
  expect(execFileSync(process.execPath, flags, { encoding: 'utf8' })).toBe('true\n')
})
