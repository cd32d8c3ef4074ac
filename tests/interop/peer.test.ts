import { expect, test } from 'vitest'
import { type KombuCommands, startKombuPeer } from './kombu-peer.ts'
import { PeerError, PeerGoneError, startPeer } from './peer.ts'
import { findPython } from './python.ts'

const python = findPython('kombu56')

/** Evaluates a Python expression there: the shortest way to make a program misbehave. */
function evaluate(connection: string, expression: string) {
  return { connection, body: { python: expression }, routing_key: 'nobody' }
}

function skipWithoutPython(skip: (reason: string) => never): string {
  return python.path ?? skip(python.reason)
}

test('request() resolves with the answer and rejects with the exception, as data', async ({
  skip,
}) => {
  await using peer = await startKombuPeer(skipWithoutPython(skip))
  expect(await peer.request('hello', {})).toMatchObject({ kombu: '5.6.2' })
  const error = await peer.request('close', { connection: 'c9' }).catch((reason) => reason)
  expect(error).toBeInstanceOf(PeerError)
  expect(error).toMatchObject({
    type: 'CommandError',
    message: expect.stringContaining(
      "close failed in the peer: CommandError: nothing is named 'c9'",
    ),
    traceback: expect.stringContaining('kombu_peer.py'),
  })
  expect(await peer.request('hello', {}), 'it goes on').toMatchObject({ kombu: '5.6.2' })
})

test('an unknown command or argument is an error that says so', async ({ skip }) => {
  await using peer = await startPeer({
    python: skipWithoutPython(skip),
    program: 'kombu_peer.py',
  })
  await expect(peer.request('dance', {})).rejects.toThrow(/no command 'dance'; there are: abcast/)
  await expect(peer.request('hello', { loud: true })).rejects.toThrow('loud')
})

test('requests are answered each with its own answer, in order', async ({ skip }) => {
  await using peer = await startKombuPeer(skipWithoutPython(skip))
  const answers = await Promise.all(
    ['memory://', 'memory://'].map((url) => peer.request('connect', { url })),
  )
  expect(answers.map(({ connection }) => connection)).toEqual(['c1', 'c2'])
})

test('request() gives up at its deadline, and the late answer harms nobody', async ({ skip }) => {
  await using peer = await startKombuPeer(skipWithoutPython(skip))
  const { connection } = await peer.request('connect', { url: 'memory://' })
  await expect(
    peer.request('drain', { connection, timeout: 0.5 }, { timeoutMs: 50 }),
  ).rejects.toThrow('kombu_peer.py gave no answer to drain within 50 ms')
  expect(await peer.request('hello', {})).toMatchObject({ kombu: '5.6.2' })
})

test('a peer that dies rejects what is pending with its stderr, and all that comes after', async ({
  skip,
}) => {
  await using peer = await startKombuPeer(skipWithoutPython(skip))
  const { connection } = await peer.request('connect', { url: 'memory://' })
  const dying = "__import__('os').write(2, b'boom') and __import__('os')._exit(3)"
  const error = await peer
    .request('publish', evaluate(connection, dying))
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(PeerGoneError)
  expect(error).toMatchObject({
    message: 'kombu_peer.py ended during publish (exit code 3). Its stderr:\nboom',
  })
  await expect(peer.request('hello', {})).rejects.toThrow('cannot hello: it has ended')
})

test('kill() ends it at once, whatever it does', async ({ skip }) => {
  const peer = await startKombuPeer(skipWithoutPython(skip))
  const { connection } = await peer.request('connect', { url: 'memory://' })
  const pending = peer.request('drain', { connection, timeout: 60 })
  const rejected = expect(pending).rejects.toThrow('ended during drain (SIGKILL)')
  await peer.kill()
  await rejected
  await peer.close()
})

test('close() lets it finish', async ({ skip }) => {
  const peer = await startKombuPeer(skipWithoutPython(skip))
  const answer = peer.request('hello', {})
  await peer.close()
  expect(await answer).toMatchObject({ kombu: '5.6.2' })
})

test('what the program prints is no answer', async ({ skip }) => {
  await using peer = await startKombuPeer(skipWithoutPython(skip))
  const { connection } = await peer.request('connect', { url: 'memory://' })
  await peer.request('publish', evaluate(connection, "print('a word') or 1"))
  expect(peer.stderr).toContain('a word')
})

test('startPeer() rejects for an interpreter that is none', async () => {
  await expect(
    startPeer<KombuCommands>({ python: '/no/python', program: 'kombu_peer.py' }),
  ).rejects.toThrow('ENOENT')
})
