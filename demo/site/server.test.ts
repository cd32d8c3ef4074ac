import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Site, startSite } from './server.ts'

let folder: string
let site: Site

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dashi-site-'))
  const files: Readonly<Record<string, string>> = {
    'secret.txt': 'outside',
    'modules/.bin/x': '',
    'modules/b/package.json': '{"name":"b","version":"2.0.0","repository":"owner/b"}',
    'modules/b/README.md': '# B\n\n[api](docs/api.md) [root](/docs/api.md) <script>1</script>',
    'modules/b/docs/api.md': '[gone](missing.md)',
    'modules/b/LICENSE': 'MIT',
    'modules/b/node_modules/inner/README.md': 'nested',
    'modules/@s/a/package.json':
      '{"name":"@s/a","description":"<a>","homepage":"https://a.test","dependencies":{"z":"1","b":"2"}}',
    'modules/@s/a/a b.md': 'spaced',
    'modules/no-manifest/README.md': 'nothing',
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await symlink(join(folder, 'secret.txt'), join(folder, 'modules/b/link.txt'))
  await symlink(join(folder, 'modules/b'), join(folder, 'modules/linked'))
  site = await startSite({ modulesFolder: join(folder, 'modules') })
})

afterAll(async () => {
  await site.close()
  await rm(folder, { recursive: true })
})

/** By hand, because `fetch` tidies paths up before it sends them. */
function get(path: string): Promise<{ status: number; type: string; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number
    type: string
    text: string
  }>()
  const { port } = new URL(site.url)
  request({ port, host: '127.0.0.1', path, agent: false }, async (response) => {
    const text = (await response.setEncoding('utf8').toArray()).join('')
    resolve({
      status: response.statusCode ?? 0,
      type: response.headers['content-type'] ?? '',
      text,
    })
  })
    .once('error', reject)
    .end()
  return promise
}

test('the front page links the packages in order, and no others', async () => {
  const { text, type } = await get('/')
  expect(type).toBe('text/html; charset=utf-8')
  expect([...text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(['/@s/a/', '/b/'])
  expect(text).toContain('&lt;a&gt;')
})

test('pageCount counts the front page, the packages and their Markdown files', () => {
  expect(site.pageCount).toBe(1 + 2 + 3)
})

test("a package's page links its files, installed dependencies, and addresses elsewhere", async () => {
  const scoped = await get('/@s/a/')
  expect([...scoped.text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
    '/',
    '/@s/a/a%20b.md',
    '/b/',
    'https://a.test/',
  ])
  expect((await get('/b/')).text).toContain('href="https://github.com/owner/b"')
})

test('a document is rendered with its own links; those from the root stay in the package', async () => {
  const { status, text } = await get('/b/README.md')
  expect(status).toBe(200)
  expect(text).toContain('<h1>B</h1>')
  expect(text).toContain('href="docs/api.md"')
  expect(text).toContain('href="/b/docs/api.md"')
  expect((await get('/b/docs/api.md')).text).toContain('href="missing.md"')
  expect((await get('/@s/a/a%20b.md')).text).toContain('spaced')
})

test('other files come as they are', async () => {
  expect(await get('/b/LICENSE')).toEqual({
    status: 200,
    type: 'text/plain; charset=utf-8',
    text: 'MIT',
  })
  expect((await get('/b/package.json')).type).toBe('application/json')
})

test.each([
  '/none/',
  '/b',
  '/b/missing.md',
  '/b/docs',
  '/b/link.txt',
  '/b/../../secret.txt',
  '/b/..%2f..%2fsecret.txt',
  '/b/%2e%2e/%2e%2e/secret.txt',
  '/b/%00',
  '/%zz',
  '/linked/README.md',
  '/no-manifest/README.md',
])('%s leads nowhere', async (path) => {
  expect(await get(path)).toMatchObject({ status: 404, type: 'text/html; charset=utf-8' })
})

test('requests counts what was asked for, by path', async () => {
  const before = site.requests.get('/counted') ?? 0
  await get('/counted?a')
  await get('/counted?b')
  expect(site.requests.get('/counted')).toBe(before + 2)
})

test('other methods are refused', async () => {
  expect((await fetch(site.url, { method: 'POST' })).status).toBe(405)
  expect((await fetch(`${site.url}b/LICENSE`, { method: 'HEAD' })).status).toBe(200)
})

test('a folder that is not there is an error that says what to do', async () => {
  await expect(startSite({ modulesFolder: join(folder, 'nothing') })).rejects.toThrow('npm ci')
})
