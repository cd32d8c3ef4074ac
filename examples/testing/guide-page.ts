/** Pages of the guide as programs: all their TypeScript, one block after the other. */
import { readFileSync } from 'node:fs'

/** A page that can be run. */
export interface GuidePage {
  /** What is marked `ts`, in order. Blocks marked `ts no-run` are not among them. */
  readonly blocks: readonly string[]
  /** All of them. */
  readonly program: string
  /** What it prints: the comments behind `console.log(…)`, in the page's order. */
  readonly printed: readonly string[]
}

/** Reads a page. */
export function readGuidePage(path: string): GuidePage {
  const page = readFileSync(path, 'utf8')
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block)
  const program = blocks.join('\n')
  const printed = [...program.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(
    ([, text = '']) => text,
  )
  return { blocks, program, printed }
}

/** The pages under a heading of the guide's index, in its order: names of files. */
export function pagesUnder(index: string, heading: string): readonly string[] {
  const section = index.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page = '']) => page)
}
