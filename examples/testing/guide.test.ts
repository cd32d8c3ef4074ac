import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pagesUnder, readGuidePage } from './guide-page.ts'
import { Program } from './program.ts'
import { openStage } from './stage.ts'

const root = resolve(import.meta.dirname, '..', '..')
const guide = join(root, 'docs', 'guide')
const pages = pagesUnder(readFileSync(join(guide, 'README.md'), 'utf8'), 'Messaging')

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dashi-guide-'))
  // So that the programs find the packages, as in a project of a user.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, program: string): string {
  const path = join(folder, name)
  writeFileSync(path, program)
  return path
}

function run(path: string): Program {
  return new Program({
    command: process.execPath,
    args: ['--conditions=@dashi/source', path],
    folder,
  })
}

test('there are pages to run', () => {
  expect(pages.length).toBeGreaterThanOrEqual(10)
})

describe.each(pages)('%s', (page) => {
  test('its program prints what the page says', async () => {
    const { program, printed } = readGuidePage(join(guide, page))
    expect(printed).not.toEqual([])
    await using running = run(write(page.replace('.md', '.ts'), program))
    // Whatever it prints, it has to end well; then, in any order, because callbacks run when messages come.
    await running.printsNothingBut('…\n')
    expect(running.output.trimEnd().split('\n').sort()).toEqual([...printed].sort())
  })
})

test('the ten lines of the README run', async ({ skip }) => {
  await using stage = await openStage('redis', skip)
  const [program = ''] = readGuidePage(join(root, 'README.md')).blocks
  const local = program.replaceAll('redis://localhost:6379', stage.url)
  expect(local).not.toBe(program)
  await using running = run(write('readme.ts', local))
  await running.printsNothingBut("{ ip: '10.0.0.7', ts: … }\n")
})

test('the programs are typed', async () => {
  const files = pages.map((page) =>
    write(`typed-${page}.ts`, readGuidePage(join(guide, page)).program),
  )
  const options = { extends: join(root, 'tsconfig.check.json'), files, include: [] }
  // The declarations of a program are nobody's interface.
  const compilerOptions = { declaration: false, isolatedDeclarations: false, noUnusedLocals: false }
  const project = write('tsconfig.json', JSON.stringify({ ...options, compilerOptions }))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const checking = promisify(execFile)(process.execPath, [tsc, '-p', project, '--pretty', 'false'])
  const errors = await checking.then(
    () => '',
    (error: { readonly stdout: string }) => error.stdout,
  )
  expect(errors).toBe('')
}, 120_000)
