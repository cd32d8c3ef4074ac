import { resolve } from 'node:path'
import { parseBrokerUrl } from '@dashi/messaging/transport'
import { expect, test } from 'vitest'
import { transportFromUrl } from './transport-from-url.ts'

function pathOf(url: string): string | undefined {
  return transportFromUrl(parseBrokerUrl(url), {}).address.virtualHost
}

/** Each checked with SQLAlchemy: `create_engine(url).dialect.create_connect_args(url)`. */
test.each([
  ['sqla+sqlite:///relative.db', resolve('relative.db')],
  ['sqla+sqlite:////absolute/file.db', '/absolute/file.db'],
  ['sqlalchemy+sqlite:///folder/relative.db', resolve('folder/relative.db')],
  ['sqlite:////absolute/file.db', '/absolute/file.db'],
  ['sqla+sqlite+pysqlite:///relative.db', resolve('relative.db')],
  ['sqlite+pysqlite:///relative.db?timeout=5', resolve('relative.db')],
  ['sqla+sqlite:////with%20space.db', '/with space.db'],
  ['SQLA+SQLITE:////absolute/Case.db', '/absolute/Case.db'],
])('%s is %s', (url, path) => {
  expect(pathOf(url)).toBe(path)
})

test.each(['sqla+sqlite://', 'sqla+sqlite:///', 'sqlite://', 'sqla+sqlite:///:memory:'])(
  '%s is in memory, and refused',
  (url) => {
    expect(() => pathOf(url)).toThrow(
      expect.objectContaining({
        code: 'BAD_OPTION',
        message: expect.stringContaining('memory://'),
      }),
    )
  },
)

test('two slashes too few are explained', () => {
  expect(() => pathOf('sqla+sqlite://file.db')).toThrow(/names a host.*three slashes/)
})

test.each(['postgresql', 'mysql+pymysql', 'postgres', 'mariadb'])(
  '%s is said to come later, without its password',
  (dialect) => {
    const url = parseBrokerUrl(`sqla+${dialect}://user:secret@host/db`)
    expect(() => transportFromUrl(url, {})).toThrow(/is not supported yet by @dashi\/sql/)
    expect(() => transportFromUrl(url, {})).not.toThrow(/secret/)
  },
)

test('a URL without a database, and an unknown one', () => {
  expect(() => pathOf('sqla://x')).toThrow(/does not say which database: write sqla\+sqlite/)
  expect(() => pathOf('sqla+oracle://x')).toThrow(/"oracle" is not known/)
})

test('options are checked', () => {
  const url = parseBrokerUrl('sqla+sqlite:///x.db')
  expect(() => transportFromUrl(url, { leaseMS: 5 })).toThrow(/Did you mean "leaseMs"/)
  expect(() => transportFromUrl(url, { leaseMs: 5 })).toThrow(/at least 300/)
  expect(() => transportFromUrl(url, { queueTablename: 'a b' })).toThrow(/letters, digits and _/)
  expect(() => transportFromUrl(url, { hiddenRows: {} })).toThrow(/"action".*is missing/)
  expect(() => transportFromUrl(url, { hiddenRows: { action: 'drop' } })).toThrow(/one of "delete"/)
  expect(() => transportFromUrl(url, { synchronous: 'off' })).toThrow(/one of "full", "normal"/)
})

test('options in the query win; what is for SQLAlchemy is understood or left to it', () => {
  const from =
    (text: string, options = {}) =>
    () =>
      transportFromUrl(parseBrokerUrl(text), options)
  expect(from('sqla+sqlite:///x.db?lease_ms=5')).toThrow(/"leaseMs" .* at least 300/)
  expect(from('sqla+sqlite:///x.db?lease_ms=500', { leaseMs: 5 })).not.toThrow()
  expect(from('sqla+sqlite:///x.db?timeout=-1')).toThrow(/"lockTimeoutMs" .* at least 0/)
  expect(from('sqla+sqlite:///x.db?timeout=2.5&check_same_thread=false')).not.toThrow()
  expect(from('sqla+sqlite:///x.db?leese_ms=500')).toThrow(/Did you mean "leaseMs"/)
  expect(from('sqla+sqlite:///file:x.db?mode=ro&uri=true')).toThrow(/Write the path itself/)
})
