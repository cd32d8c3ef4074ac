/**
 * What the demo's site answers to an address.
 */
import { readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { SitePackage } from './packages.ts'
import { renderDocument, renderFront, renderNotFound, renderPackage } from './render.ts'

/** A page, or a file to be sent as it is. `path` is absolute and inside of a package's folder. */
export type Answer =
  | { readonly kind: 'html'; readonly status: 200 | 404; readonly html: string }
  | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number }

/** The packages that the site shows, by name, in the order of the front page. */
export type SiteContent = ReadonlyMap<string, SitePackage>

/**
 * Answers a request's target: the front page, a package's page, a document as a page, any other
 * file of a package as it is, or a page that says that there is none.
 *
 * @param target Path and query, percent-encoded, as they came.
 */
export async function answerTo(content: SiteContent, target: string): Promise<Answer> {
  const path = decodedPath(target)
  if (path === undefined) return notFound(target)
  if (path === '/') return found(renderFront([...content.values()]))
  const [, name = '', file = ''] = /^\/((?:@[^/]+\/)?[^/]+)\/(.*)$/s.exec(path) ?? []
  const entry = content.get(name)
  if (entry === undefined) return notFound(path)
  if (file === '') return found(renderPackage(entry, new Set(content.keys())))
  if (entry.documents.includes(file)) return found(await documentPage(entry, file))
  return (await fileOf(entry, file)) ?? notFound(path)
}

function found(html: string): Answer {
  return { kind: 'html', status: 200, html }
}

function notFound(path: string): Answer {
  return { kind: 'html', status: 404, html: renderNotFound(path) }
}

async function documentPage(entry: SitePackage, path: string): Promise<string> {
  const markdown = await readFile(join(entry.folder, path), 'utf8')
  return renderDocument({ package: entry, path, markdown })
}

async function fileOf(entry: SitePackage, file: string): Promise<Answer | undefined> {
  const path = await pathWithin(entry.folder, file)
  if (path === undefined) return undefined
  const status = await stat(path)
  return status.isFile() ? { kind: 'file', path, sizeBytes: status.size } : undefined
}

/** The path if it exists and is inside of the folder, whatever `..` and links say. */
async function pathWithin(folder: string, file: string): Promise<string | undefined> {
  try {
    const [home, path] = await Promise.all([realpath(folder), realpath(join(folder, file))])
    return path.startsWith(`${home}${sep}`) ? path : undefined
  } catch (error) {
    if (namesNoFile(error)) return undefined
    throw error
  }
}

function namesNoFile(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EACCES'].includes(code)
}

/** The path of a target; `undefined` when it cannot be the name of a file. */
function decodedPath(target: string): string | undefined {
  try {
    const path = decodeURIComponent(target.split('?', 1)[0] ?? '/')
    return path.includes('\0') ? undefined : path
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
