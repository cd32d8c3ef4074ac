import { afterAll, expect, test } from 'vitest'
import { App } from '../app/app.ts'
import type { AppOptions } from '../configuration/settings.ts'
import { makePool } from './make-pool.ts'
import type { WorkerOptions } from './worker-options.ts'

const url = new URL('./testing/worker-app.ts', import.meta.url).href
const apps: App[] = []
afterAll(() => Promise.all(apps.map((app) => app.close())))

function pool(options: WorkerOptions, settings: AppOptions = {}) {
  const app = new App('pools', { broker: 'memory://', ...settings })
  apps.push(app)
  return makePool(app, options, 2)
}

test('the option chooses, else the setting', () => {
  for (const name of ['async', 'threads', 'processes', 'solo'] as const) {
    expect(pool({ pool: name, appModule: { url } }).name).toBe(name)
  }
  expect(pool({}).name).toBe('async')
  expect(pool({ appModule: { url } }, { workerPool: 'threads' }).name).toBe('threads')
  expect(pool({ pool: 'solo' }, { workerPool: 'threads' })).toMatchObject({ name: 'solo', size: 1 })
})

test('a name that is none is told, with those that are', () => {
  const prefork = { pool: 'prefork' } as unknown as WorkerOptions
  expect(() => pool(prefork)).toThrow(/no pool "prefork"[\s\S]*'processes'/)
})

test.each(['threads', 'processes'] as const)('%s without "appModule" says what to do', (name) => {
  expect(() => pool({ pool: name })).toThrow(
    expect.objectContaining({
      code: 'BAD_OPTION',
      message: expect.stringMatching(/needs "appModule"[\s\S]*import\.meta\.url/),
    }),
  )
})

test('limits that are none are refused, 0 is no limit', () => {
  const options = { pool: 'threads', appModule: { url } } as const
  for (const limit of [-1, 1.5, Number.NaN]) {
    expect(() => pool({ ...options, maxTasksPerChild: limit })).toThrow('maxTasksPerChild')
    expect(() => pool(options, { workerMaxMemoryPerChildBytes: limit })).toThrow(
      'maxMemoryPerChildBytes',
    )
  }
  expect(pool({ ...options, maxTasksPerChild: 0 }).size).toBe(2)
})

test('a module that starts its own worker is a refusal, not workers without end', async () => {
  const starting = new URL('./testing/starting-app.ts', import.meta.url).href
  await expect(
    pool({ pool: 'processes', appModule: { url: starting } }).start(),
  ).rejects.toMatchObject({
    code: 'BAD_OPTION',
    message: expect.stringContaining('in a child of a pool'),
  })
})
