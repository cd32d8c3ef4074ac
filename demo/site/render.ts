/**
 * The pages of the demo's site, as HTML texts. Pure: the same package gives the same page.
 */
import { Marked, type Token } from 'marked'
import type { SitePackage } from './packages.ts'

/** A Markdown file of a package. */
export interface SiteDocument {
  readonly package: SitePackage
  /** Relative to the package's folder, with `/` between segments. */
  readonly path: string
  readonly markdown: string
}

/** Path of a package's page, or of a file in it: `/<name>/` or `/<name>/<path>`, percent-encoded. */
export function pagePath(packageName: string, file = ''): string {
  const encode = (path: string): string =>
    path.split('/').map(encodeURIComponent).join('/').replaceAll('%40', '@')
  return `/${encode(packageName)}/${encode(file)}`
}

/** The front page: a link to every package. */
export function renderFront(packages: readonly SitePackage[]): string {
  const items = packages.map(
    (entry) =>
      `<li><a href="${pagePath(entry.name)}">${escapeHtml(entry.name)}</a> ` +
      `${escapeHtml(entry.version)}: ${escapeHtml(entry.description)}</li>`,
  )
  return page('Installed packages', `<h1>Installed packages</h1>\n${list(items)}`)
}

/**
 * A package's page: its documents, its license, the pages of what it depends on, its homepage.
 *
 * @param installed The packages that have a page; a dependency that is not among them gets no link.
 */
export function renderPackage(entry: SitePackage, installed: ReadonlySet<string>): string {
  const files = entry.license === undefined ? entry.documents : [...entry.documents, entry.license]
  const parts = [
    `<p><a href="/">All packages</a></p>`,
    `<h1>${escapeHtml(entry.name)} ${escapeHtml(entry.version)}</h1>`,
    `<p>${escapeHtml(entry.description)}</p>`,
    section(
      'Documents',
      files.map((file) => link(pagePath(entry.name, file), file)),
    ),
    section(
      'Dependencies',
      entry.dependencies.map((name) =>
        installed.has(name) ? link(pagePath(name), name) : escapeHtml(name),
      ),
    ),
    section(
      'Elsewhere',
      [entry.homepage, entry.repository]
        .filter((address) => address !== undefined)
        .map((address) => link(address, address)),
    ),
  ]
  return page(entry.name, parts.join('\n'))
}

/**
 * A Markdown document. Its links stay as they are, so that relative ones lead to the other files of
 * the package, or nowhere; `/docs/x.md` means what its author meant: a file of the package.
 */
export function renderDocument(document: SiteDocument): string {
  const home = pagePath(document.package.name)
  const renderer = new Marked({
    async: false,
    gfm: true,
    walkTokens: (token) => rootLinksAt(home, token),
  })
  const body = renderer.parse(document.markdown, { async: false })
  const heading = `<p>${link(home, document.package.name)} / ${escapeHtml(document.path)}</p>`
  return page(`${document.package.name}: ${document.path}`, `${heading}\n${body}`)
}

/** The answer to an address that leads nowhere. */
export function renderNotFound(path: string): string {
  return page('Not found', `<h1>Not found</h1>\n<p>${escapeHtml(path)} does not exist here.</p>`)
}

function rootLinksAt(home: string, token: Token): void {
  if (token.type !== 'link' && token.type !== 'image') return
  const { href } = token
  if (typeof href !== 'string' || !href.startsWith('/') || href.startsWith('//')) return
  token.href = `${home}${href.slice(1)}`
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body>
${body}
</body>
</html>
`
}

function section(title: string, items: readonly string[]): string {
  if (items.length === 0) return ''
  return `<h2>${title}</h2>\n${list(items.map((item) => `<li>${item}</li>`))}`
}

function list(items: readonly string[]): string {
  return `<ul>\n${items.join('\n')}\n</ul>`
}

function link(address: string, text: string): string {
  return `<a href="${escapeHtml(address)}">${escapeHtml(text)}</a>`
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
