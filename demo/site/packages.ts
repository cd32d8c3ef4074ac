/**
 * What the demo's site is made of: the packages that `npm ci` installed, and their documentation.
 */
import { type Dirent, existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One installed package, as its own `package.json` and files describe it. */
export interface SitePackage {
  readonly name: string
  readonly version: string
  readonly description: string
  /** Absolute `http(s)` addresses; `undefined` where the package gives none. */
  readonly homepage: string | undefined
  readonly repository: string | undefined
  /** Names of the packages that it needs at run time, sorted. */
  readonly dependencies: readonly string[]
  /** Absolute path of its folder. */
  readonly folder: string
  /** Its Markdown files, relative to `folder`, with `/` between segments, sorted. */
  readonly documents: readonly string[]
  /** Name of its license file, a plain text; `undefined` where it is Markdown or absent. */
  readonly license: string | undefined
}

const markdown = /\.(?:md|markdown)$/i
const plainLicense = /^(?:licen[cs]e|copying)(?:[.-](?:txt|mit))?$/i

/** The `node_modules` folder of this repository. */
export function installedModulesFolder(): string {
  return fileURLToPath(new URL('../../node_modules', import.meta.url))
}

/**
 * Finds the packages of a `node_modules` folder, sorted by name. Same folder, same answer.
 *
 * Links (the workspace's own packages) and packages nested in others are left out.
 *
 * @throws {Error} when there is no such folder.
 */
export async function findPackages(modulesFolder: string): Promise<readonly SitePackage[]> {
  if (!existsSync(modulesFolder)) {
    throw new Error(
      `Cannot build the demo's site: ${modulesFolder} does not exist. Run "npm ci" first.`,
    )
  }
  const folders = await packageFolders(modulesFolder)
  const found = await Promise.all(folders.map(readPackage))
  return found
    .filter((candidate) => candidate !== undefined)
    .sort((left, right) => compareText(left.name, right.name))
}

async function packageFolders(modulesFolder: string): Promise<readonly string[]> {
  const folders: string[] = []
  for (const entry of await visibleFolders(modulesFolder)) {
    const folder = join(modulesFolder, entry.name)
    if (!entry.name.startsWith('@')) {
      folders.push(folder)
      continue
    }
    const scoped = await visibleFolders(folder)
    folders.push(...scoped.map((inner) => join(folder, inner.name)))
  }
  return folders
}

async function visibleFolders(folder: string): Promise<readonly Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
}

async function readPackage(folder: string): Promise<SitePackage | undefined> {
  const manifestPath = join(folder, 'package.json')
  if (!existsSync(manifestPath)) return undefined
  const manifest: unknown = JSON.parse(await readFile(manifestPath, 'utf8'))
  if (!isRecord(manifest) || typeof manifest['name'] !== 'string') return undefined
  const files = await listFiles(folder, '')
  return {
    name: manifest['name'],
    version: textOf(manifest['version']),
    description: textOf(manifest['description']),
    homepage: webAddress(manifest['homepage']),
    repository: repositoryAddress(manifest['repository']),
    dependencies: isRecord(manifest['dependencies'])
      ? Object.keys(manifest['dependencies']).sort(compareText)
      : [],
    folder,
    documents: files.filter((file) => markdown.test(file)).sort(compareText),
    license: files.filter((file) => plainLicense.test(file)).sort(compareText)[0],
  }
}

async function listFiles(folder: string, prefix: string): Promise<readonly string[]> {
  const files: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`
    if (entry.isFile()) files.push(path)
    if (!entry.isDirectory() || entry.name === 'node_modules') continue
    files.push(...(await listFiles(join(folder, entry.name), `${path}/`)))
  }
  return files
}

/** npm's forms of `repository`: an address, `{ url }`, or the shorthand `owner/name`. */
function repositoryAddress(value: unknown): string | undefined {
  const text = isRecord(value) ? textOf(value['url']) : textOf(value)
  const shorthand = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(text)?.[1]
  if (shorthand !== undefined) return `https://github.com/${shorthand}`
  return webAddress(text.replace(/^git\+/, '').replace(/^git:\/\//, 'https://'))
}

function webAddress(value: unknown): string | undefined {
  const url = URL.parse(textOf(value))
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** By code units, so that the order is the same whatever the machine's language. */
function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
