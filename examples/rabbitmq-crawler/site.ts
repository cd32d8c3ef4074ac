import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const [port = '8000'] = process.argv.slice(2)

const pages: Readonly<Record<string, string>> = {
  '/list/1':
    '<a class="detail" href="/book/1">one</a> <a class="detail" href="/book/2">two</a> <a class="list" href="/list/2">more</a>',
  '/list/2': '<a class="detail" href="/book/3">three</a>',
  '/book/1': '<title>The first book</title>',
  '/book/2': '<title>The second book</title>',
  '/book/3': '<title>The third book</title>',
}

const server = createServer((request, response) => {
  const page = pages[request.url ?? '']
  response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html' }).end(page)
}).listen(Number(port), '127.0.0.1')
await once(server, 'listening')
// A server on a port has such an address; it is text only on a pipe.
console.log(`http://localhost:${(server.address() as AddressInfo).port}/list/1`)
