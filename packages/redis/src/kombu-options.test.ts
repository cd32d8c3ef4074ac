import { readFileSync } from 'node:fs'
import { parseBrokerUrl } from '@dashi/messaging/transport'
import { describe, expect, test } from 'vitest'
import { withoutEffect } from './kombu-options.ts'
import { type RedisOptions, transportSpecs } from './options.ts'
import { optionsFromUrl } from './options-from-url.ts'
import { type StoreSettings, storeSettings } from './settings.ts'

interface Row {
  readonly value: unknown
  /** In the query of a URL. Default: the value as text. `null`: it has no text. */
  readonly text?: string | null
  /** What it does. Absent: nothing, which is told. */
  readonly setting?: (settings: StoreSettings) => unknown
  /** Default: the value. */
  readonly becomes?: unknown
  /** Beside it in the options. */
  readonly and?: Readonly<Record<string, unknown>>
}

const sentinels = [{ host: 'h' }]
const bySentinel = { sentinels, masterName: 'm' }

/** Every option of Kombu's Redis transport, with a value that is not the default. */
const rows: Readonly<Record<string, Row>> = {
  sep: { value: ':', setting: ({ keys }) => keys.sep },
  ack_emulation: { value: true, setting: () => true },
  unacked_key: { value: 'u', setting: ({ keys }) => keys.unackedKey },
  unacked_index_key: { value: 'ui', setting: ({ keys }) => keys.unackedIndexKey },
  unacked_mutex_key: { value: 'um', setting: ({ keys }) => keys.unackedMutexKey },
  unacked_mutex_expire: {
    value: 2.5,
    setting: ({ unackedMutexExpireMs }) => unackedMutexExpireMs,
    becomes: 2500,
  },
  visibility_timeout: {
    value: 60,
    setting: ({ visibilityTimeoutMs }) => visibilityTimeoutMs,
    becomes: 60_000,
  },
  unacked_restore_limit: { value: 7, setting: ({ unackedRestoreLimit }) => unackedRestoreLimit },
  unacked_restore_interval: { value: 5 },
  unacked_restore_throttle: { value: 5 },
  fanout_prefix: { value: false, setting: ({ keys }) => keys.fanoutPrefix, becomes: '' },
  fanout_patterns: { value: false, setting: ({ keys }) => keys.fanoutPatterns },
  global_keyprefix: { value: 'p:', setting: ({ keys }) => keys.globalKeyprefix },
  socket_timeout: { value: 1.5, setting: ({ server }) => server.socketTimeoutMs, becomes: 1500 },
  socket_connect_timeout: {
    value: 2,
    setting: ({ server }) => server.socketConnectTimeoutMs,
    becomes: 2000,
  },
  socket_keepalive: { value: false, setting: ({ server }) => server.socketKeepalive },
  socket_keepalive_options: {
    value: { TCP_KEEPIDLE: 60 },
    text: null,
    setting: ({ server }) => server.socketKeepaliveIdleMs,
    becomes: 60_000,
  },
  retry_on_timeout: { value: true },
  max_connections: { value: 2 },
  health_check_interval: {
    value: 3,
    setting: ({ server }) => server.healthCheckIntervalMs,
    becomes: 3000,
  },
  queue_order_strategy: {
    value: 'sorted',
    setting: ({ queueOrderStrategy }) => queueOrderStrategy,
  },
  priority_steps: { value: [0, 5], text: '0,5', setting: ({ keys }) => keys.prioritySteps },
  client_name: { value: 'c', setting: ({ server }) => server.clientName },
  polling_interval: {
    value: 0.5,
    setting: ({ pollingIntervalMs }) => pollingIntervalMs,
    becomes: 500,
  },
  body_encoding: { value: 'utf-8', setting: () => 'utf-8' },
  deadletter_queue: { value: 'd', setting: () => 'd' },
  credential_provider: {
    value: () => ({ password: 'x' }),
    text: null,
    setting: ({ server }) => server.credentials !== undefined,
    becomes: true,
  },
  reauth_check_interval: { value: 3, setting: () => 3 },
  master_name: {
    value: 'm',
    setting: ({ server }) => server.sentinel?.masterName,
    and: { sentinels },
  },
  min_other_sentinels: {
    value: 2,
    setting: ({ server }) => server.sentinel?.minOtherSentinels,
    and: bySentinel,
  },
  sentinel_kwargs: {
    value: { username: 'u', password: 'p' },
    text: null,
    setting: ({ server }) => [server.sentinel?.username, server.sentinel?.password],
    becomes: ['u', 'p'],
    and: bySentinel,
  },
  max_retries: { value: 3 },
  interval_start: { value: 0 },
  interval_step: { value: 0.2 },
  interval_max: { value: 0.5 },
  connect_retries_timeout: { value: 3 },
}

const camelCased = (name: string) =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const page = readFileSync(new URL('../../../docs/transports/redis.md', import.meta.url), 'utf8')
const [, section = ''] = page.split("### Kombu's options, one by one")
const [table = ''] = section.split('\n#')
const documented = [...table.matchAll(/^\| `([a-z_]+)` \| (.*) \|$/gm)].map(
  ([, name = '', says = '']) => [name, says] as const,
)

// Names and types are checked by storeSettings().
const settingsOf = (options: object) => storeSettings(options as RedisOptions)

const fromUrl = (query: Readonly<Record<string, string>>, options: object = {}) => {
  const url = parseBrokerUrl(`redis://h?${new URLSearchParams(query)}`)
  return settingsOf(optionsFromUrl(url, { ...options }, transportSpecs))
}

describe('each option of Kombu', () => {
  test('is a row of the page, and the other way round', () => {
    expect(documented.map(([name]) => name).sort()).toEqual(Object.keys(rows).sort())
  })

  test.each(documented)('%s does what its row says', (name, says) => {
    const { value, setting, becomes = value, and } = rows[name] ?? { value: undefined }
    const options = { ...and, [camelCased(name)]: value }
    const settings = settingsOf(options)
    if (setting === undefined) {
      expect(says).toMatch(/^no effect/)
      expect(settings.notices).toEqual([expect.stringContaining(`"${camelCased(name)}"`)])
      return
    }
    expect(says).not.toMatch(/^no effect/)
    expect(setting(settings)).toEqual(becomes)
    expect(settings.notices).toEqual([])
  })

  test.each(Object.keys(rows).filter((name) => rows[name]?.text !== null))(
    '%s may stand in a URL',
    (name) => {
      const { value, text, setting, becomes = value, and } = rows[name] ?? { value: undefined }
      const settings = fromUrl({ [name]: text ?? String(value) }, and)
      if (setting !== undefined) expect(setting(settings)).toEqual(becomes)
      else expect(settings.notices).toHaveLength(1)
    },
  )

  test('is respelled in the URL and in options alike, and the URL wins', () => {
    const settings = fromUrl({ visibility_timeout: '10' }, { visibilityTimeoutMs: 5 })
    expect(settings.visibilityTimeoutMs).toBe(10_000)
    expect(fromUrl({}, { visibilityTimeout: 5 }).visibilityTimeoutMs).toBe(5_000)
  })
})

test('options for sentinels are told to have no effect without any', () => {
  const options = { masterName: 'm', minOtherSentinels: 1, sentinelPassword: 'hunter2' }
  const { notices } = settingsOf(options)
  expect(notices).toEqual(
    Object.keys(options).map((name) =>
      expect.stringMatching(new RegExp(`"${name}" .* no effect here: no "sentinels" are given`)),
    ),
  )
  expect(notices.join()).not.toContain('hunter2')
  expect(settingsOf({ ...options, sentinels }).notices).toEqual([])
})

test('a URL with a password and a provider contradict each other', () => {
  const credentialProvider = () => ({ password: 'x' })
  const url = parseBrokerUrl('redis://:hunter2@h')
  const options = optionsFromUrl(url, { credentialProvider }, transportSpecs)
  expect(() => settingsOf(options)).toThrow(/leave those out, in the URL too/)
})

test('options with enough for what we need are not remarked upon', () => {
  expect(withoutEffect({ maxConnections: 3, ackEmulation: true }, 'x')).toEqual([])
})

test.each<[object, RegExp]>([
  [{ visibilityTimeout: 1, visibilityTimeoutMs: 1 }, /\(seconds\) .* say the same thing/],
  [{ visibilityTimeout: 0 }, /"visibilityTimeout" .* has to be at least 0.001/],
  [{ visibilityTimeout: '60' }, /"visibilityTimeout" .* has to be a number/],
  [{ unackedRestoreLimit: 0 }, /"unackedRestoreLimit" .* at least 1/],
  [{ healthCheckInterval: 0 }, /cannot be 0 .* would not be noticed. Leave it out/],
  [{ ackEmulation: false }, /cannot be false: .* consume with "noAck"/],
  [{ maxConnections: 0 }, /"maxConnections" .* at least 1/],
  [{ queueOrderStrategy: 'my.Cycle' }, /one of round_robin, priority, sorted.* Python class/],
  [{ socketKeepaliveOptions: { TCP_KEEPCNT: 3 } }, /"TCP_KEEPCNT" .* cannot be chosen/],
  [{ socketKeepaliveOptions: { 4: 3 } }, /Unknown option "4" .* TCP_KEEPIDLE/],
  [
    { socketKeepalive: false, socketKeepaliveOptions: { TCP_KEEPIDLE: 3 } },
    /no use for .* when "socketKeepalive" is false/,
  ],
  [{ prioritySteps: [3, 3] }, /different whole numbers/],
  [{ prioritySteps: [] }, /"prioritySteps" .* of length at least 1/],
  [{ sep: '' }, /"sep" .* of length at least 1/],
  [{ unackedKey: '' }, /"unackedKey" .* of length at least 1/],
  [{ unackedKey: 'unacked_index' }, /have to be three names, not "unacked_index", "unacked_index"/],
  [{ fanoutPrefix: 'x.' }, /"fanoutPrefix" .* begin with "\/" and end with "\."/],
  [{ fanoutPatterns: 'yes' }, /"fanoutPatterns" .* has to be a boolean/],
  [{ fanoutSharded: 1 }, /"fanoutSharded" .* has to be a boolean/],
  [{ globalKeyprefix: 1 }, /"globalKeyprefix" .* has to be a string/],
  [{ socketTimeout: -1 }, /"socketTimeout" .* at least 0.001/],
  [{ socketConnectTimeoutMs: 0.5 }, /"socketConnectTimeoutMs" .*/],
  [{ socketKeepalive: 'on' }, /"socketKeepalive" .* has to be a boolean/],
  [{ unackedMutexExpire: 0 }, /"unackedMutexExpire" .* at least 0.001/],
  [{ reauthCheckInterval: 0 }, /"reauthCheckInterval" .* at least 0.001/],
  [{ pollingInterval: '1' }, /"pollingInterval" .* has to be a number/],
  [{ clientName: 5 }, /"clientName" .* has to be a string/],
  [{ sentinels, minOtherSentinels: 1 }, /"masterName" .* is missing/],
  [{ ...bySentinel, minOtherSentinels: -1 }, /"minOtherSentinels" .* at least 0/],
  [{ database: -1 }, /"database" .* at least 0/],
  [{ database: 'sales' }, /"database" .* has to be a number/],
  [
    { queue_order_strategy: 'sorted' },
    /Unknown option "queue_order_strategy".*Did you mean "queueOrderStrategy"/,
  ],
  [{ sentinelKwargs: { passwort: 'hunter2' } }, /Unknown option "passwort" .* "password"/],
  [{ sentinelKwargs: 'x' }, /"sentinelKwargs" .* has to be an object/],
  [
    { ...bySentinel, sentinelKwargs: { password: 'hunter2' }, sentinelPassword: 'hunter2' },
    /"sentinelPassword" and "sentinelKwargs"/,
  ],
  [{ credentialProvider: 'hunter2' }, /"credentialProvider" .* has to be a function/],
  [
    { credentialProvider: () => ({ password: '' }), password: 'hunter2' },
    /stands instead of user and password/,
  ],
])('refuses %j', (options, message) => {
  expect(() => settingsOf(options)).toThrow(message)
  expect(() => settingsOf(options)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  expect(() => settingsOf(options)).not.toThrow(/hunter2/)
})

test.each<[string, RegExp]>([
  ['credential_provider=my.Provider', /cannot be text: a Python class .* Give a function/],
  ['priority_steps=0,x', /"prioritySteps" .* different whole numbers/],
  ['priority_steps=0,,3', /"prioritySteps" .* different whole numbers/],
  ['visibility_timeout=1&visibility_timeout_ms=1', /say the same thing/],
  ['visibility_timeout=soon', /"visibilityTimeout" of the URL .* has to be a number/],
])('refuses a URL with %s', (query, message) => {
  const parsed = parseBrokerUrl(`redis://h?${query}`)
  expect(() => settingsOf(optionsFromUrl(parsed, {}, transportSpecs))).toThrow(message)
})
