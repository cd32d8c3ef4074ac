import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Party, runCell } from './cell.ts'
import { kombuParty } from './kombu-party.ts'
import { type KombuPeer, startKombuPeer } from './kombu-peer.ts'
import { type BrokerName, matrix, type PartyName } from './matrix.ts'
import { findPython } from './python.ts'

const folder = await mkdtemp(join(tmpdir(), 'dashi-cells-'))
const peers: KombuPeer[] = []
const parties = new Map<string, Promise<Party>>()

afterAll(async () => {
  await Promise.all(peers.map((peer) => peer.close()))
  await rm(folder, { recursive: true })
})

const urls: Readonly<Record<BrokerName, string | undefined>> = {
  redis: process.env['DASHI_TEST_REDIS_URL'],
  sqlite: `sqla+sqlite:///${join(folder, 'broker.db')}`,
}

interface Place {
  readonly name: PartyName
  readonly side: 'publisher' | 'consumer'
  readonly broker: BrokerName
}

/** A party for each side, so that publisher and consumer are two processes. */
function party(place: Place, skip: (reason: string) => never): Promise<Party> {
  const { name, side, broker } = place
  const url = urls[broker]
  if (url === undefined) return skip('DASHI_TEST_REDIS_URL is not set')
  if (name === 'dashi') throw new Error('Only Kombu is in these cells')
  const { path, reason } = findPython(name)
  if (path === undefined) return skip(reason)
  const key = `${name} ${side} ${broker}`
  const started = parties.get(key) ?? startParty(path, url)
  parties.set(key, started)
  return started
}

async function startParty(python: string, url: string): Promise<Party> {
  const peer = await startKombuPeer(python)
  peers.push(peer)
  return kombuParty(peer, url)
}

const cells = matrix().filter(
  ({ publisher, consumer }) => publisher !== 'dashi' && consumer !== 'dashi',
)

test.for(cells)('$publisher > $consumer $broker $exchange $body', async (cell, { skip }) => {
  const { broker } = cell
  const failure = await runCell(cell, {
    publisher: await party({ name: cell.publisher, side: 'publisher', broker }, skip),
    consumer: await party({ name: cell.consumer, side: 'consumer', broker }, skip),
    unique: randomUUID(),
    timeoutMs: cell.impossible === undefined ? 10_000 : 300,
  })
  if (cell.impossible === undefined) expect(failure).toBeUndefined()
  else expect(failure, 'if it works, it is not impossible').toBeDefined()
})
