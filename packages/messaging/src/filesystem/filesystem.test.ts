import { expect, test } from 'vitest'
import { parseBrokerUrl } from '../transport/broker-url.ts'
import { filesystem, filesystemFromUrl } from './filesystem.ts'

const from = (url: string, options = {}) => filesystemFromUrl(parseBrokerUrl(url), options)

test('a folder in the URL has everything below it', () => {
  expect(from('filesystem:///srv/my%20queue').address).toMatchObject({
    scheme: 'filesystem',
    virtualHost: '/srv/my queue/data',
  })
})

test('folders from the options or the query; the query wins', () => {
  const options = { dataFolderIn: '/a', controlFolder: '/c' }
  expect(from('filesystem://', options).address.virtualHost).toBe('/a')
  expect(from('filesystem://localhost/?data_folder_in=/b', options).address.virtualHost).toBe('/b')
  expect(filesystem().address.virtualHost).toBe(`${process.cwd()}/data_in`)
})

test.each([
  ['filesystem://host/folder', {}, 'names a host'],
  ['filesystem://user@localhost/folder', {}, 'names a host or a user'],
  ['filesystem:///folder?lease_ms=soon', {}, 'leaseMs'],
  ['filesystem:///folder?datafolder=x', {}, 'datafolder'],
  ['filesystem:///folder', { fsync: 'yes' }, 'fsync'],
  ['filesystem:///folder', { leaseMs: 10 }, 'leaseMs'],
])('%s is refused by name', (url, options, says) => {
  expect(() => from(url, options)).toThrow(
    expect.objectContaining({ code: 'BAD_OPTION', message: expect.stringContaining(says) }),
  )
})
