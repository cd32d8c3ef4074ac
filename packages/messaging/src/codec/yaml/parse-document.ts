import { Composer, type Document, Lexer, Parser } from 'yaml'
import { DecodeError } from '../../errors.ts'
import type { NestingBounds } from '../nesting-limits.ts'

/** Bounds of a text that is parsed. */
export interface ParseBounds {
  readonly nesting: NestingBounds
  readonly maxTokens: number
}

/**
 * The one document of a YAML text, as a tree in which all scalars are still text; undefined if there
 * is none.
 *
 * @throws RangeError for text that is no YAML, or two documents; DecodeError `TOO_LARGE`
 */
export function parseDocument(text: string, bounds: ParseBounds): Document | undefined {
  const [document, second] = documents(text, bounds)
  if (second !== undefined) throw new RangeError('it holds more than one document')
  const [error] = document?.errors ?? []
  if (error === undefined) return document
  const line = text.slice(0, error.pos[0]).split('\n').length
  throw new RangeError(`line ${line}: ${error.message}`)
}

/** Up to two. The parser of the package has no bounds, so that it is driven piece by piece. */
function documents(text: string, { nesting, maxTokens }: ParseBounds): readonly Document[] {
  const parser = new Parser()
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const found: Document[] = []
  let tokens = 0
  for (const lexeme of new Lexer().lex(text)) {
    tokens += 1
    if (tokens > maxTokens) throw tooManyTokens(maxTokens)
    for (const token of parser.next(lexeme)) found.push(...composer.next(token))
    // The document itself and a scalar in it are on the stack too.
    if (parser.stack.length > 2) nesting.checkDepth(parser.stack.length - 2)
    if (found.length > 1) return found
  }
  for (const token of parser.end()) found.push(...composer.next(token))
  found.push(...composer.end())
  return found
}

function tooManyTokens(maxTokens: number): DecodeError {
  return new DecodeError(
    'TOO_LARGE',
    `The YAML has more than ${maxTokens} tokens (maxTokens). Raise the bound if the sender is trusted, or use json, which needs far less memory`,
  )
}
