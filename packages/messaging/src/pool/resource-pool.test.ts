import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Pooled } from './pooled.ts'
import { type PoolOptions, ResourcePool } from './resource-pool.ts'

interface Thing {
  readonly id: number
  isClosed: boolean
}

function poolOf(options: PoolOptions = {}) {
  const things: Thing[] = []
  const pool = new ResourcePool<Thing>(
    {
      what: 'things',
      create: () => {
        const thing = { id: things.length, isClosed: false }
        things.push(thing)
        return thing
      },
      close: (thing) => {
        thing.isClosed = true
      },
      isUsable: (thing) => !thing.isClosed,
    },
    options,
  )
  return { pool, things }
}

const open = (things: readonly Thing[]) => things.filter(({ isClosed }) => !isClosed).length

describe('ResourcePool', () => {
  test('makes things when needed, and lends the one used last first', async () => {
    const { pool, things } = poolOf({ limit: 3 })
    const [a, b] = [await pool.acquire(), await pool.acquire()]
    expect(things).toHaveLength(2)
    await a.release()
    await b.release()
    expect((await pool.acquire()).value).toBe(b.value)
    expect((await pool.acquire()).value).toBe(a.value)
    expect([pool.lentCount, pool.idleCount, things.length]).toEqual([2, 0, 2])
  })

  test('lends no more than its limit', async () => {
    const { pool } = poolOf({ limit: 1 })
    const first = await pool.acquire()
    await expect(pool.acquire()).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('All 1 things'),
    })
    await expect(pool.acquire({ block: true, timeoutMs: 5 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    })
    await first.release()
    await pool.acquire()
  })

  test('lets those wait who want to, in their order', async () => {
    const { pool } = poolOf({ limit: 1 })
    const first = await pool.acquire()
    const order: number[] = []
    const waits = [1, 2, 3].map(async (n) => {
      const pooled = await pool.acquire({ block: true })
      order.push(n)
      await pooled.release()
    })
    await first.release()
    await Promise.all(waits)
    expect(order).toEqual([1, 2, 3])
  })

  test('an abort ends the wait', async () => {
    const { pool } = poolOf({ limit: 1 })
    await pool.acquire()
    const aborting = new AbortController()
    const waiting = pool.acquire({ block: true, signal: aborting.signal })
    aborting.abort(new Error('stop'))
    await expect(waiting).rejects.toThrow('stop')
  })

  test('without a limit makes and closes', async () => {
    const { pool, things } = poolOf()
    const pooled = await Promise.all([pool.acquire(), pool.acquire()])
    for (const one of pooled) await one.release()
    await pool.acquire()
    expect(things.map(({ isClosed }) => isClosed)).toEqual([true, true, false])
  })

  test('a thing is given back once', async () => {
    const { pool } = poolOf({ limit: 2 })
    const pooled = await pool.acquire()
    await pooled.release()
    await pooled.release()
    await pooled.replace()
    expect(pool.idleCount).toBe(1)
    expect(pooled.value.isClosed).toBe(false)
  })

  test('await using gives back', async () => {
    const { pool } = poolOf({ limit: 1 })
    {
      await using pooled = await pool.acquire()
      expect(pooled.value.id).toBe(0)
    }
    expect([pool.lentCount, pool.idleCount]).toEqual([0, 1])
  })

  test('a broken thing is closed, and room made for another', async () => {
    const { pool, things } = poolOf({ limit: 1 })
    const pooled = await pool.acquire()
    const waiting = pool.acquire({ block: true })
    await pooled.replace()
    expect((await waiting).value.id).toBe(1)
    expect(things[0]?.isClosed).toBe(true)
  })

  test('a thing that was closed while it rested is not lent again', async () => {
    const { pool, things } = poolOf({ limit: 1 })
    await (await pool.acquire()).release()
    Object.assign(things[0] ?? {}, { isClosed: true })
    expect((await pool.acquire()).value.id).toBe(1)
  })

  test('use() gives back, or replaces when it went wrong', async () => {
    const { pool, things } = poolOf({ limit: 1 })
    expect(await pool.use(({ id }) => `used ${id}`)).toBe('used 0')
    const failing = pool.use(() => Promise.reject(new Error('broken')))
    await expect(failing).rejects.toThrow('broken')
    expect(await pool.use(({ id }) => `used ${id}`)).toBe('used 1')
    expect(open(things)).toBe(1)
  })

  test('making that fails takes no room', async () => {
    let isFailing = true
    const pool = new ResourcePool(
      {
        what: 'things',
        create: async () => {
          if (isFailing) throw new Error('not now')
          return 1
        },
        close: () => undefined,
        isUsable: () => true,
      },
      { limit: 1 },
    )
    const waits = [pool.acquire({ block: true }), pool.acquire({ block: true })]
    await expect(waits[0]).rejects.toThrow('not now')
    await expect(waits[1]).rejects.toThrow('not now')
    isFailing = false
    expect((await pool.acquire()).value).toBe(1)
  })

  test('grows, and lets those in who wait', async () => {
    const { pool } = poolOf({ limit: 1 })
    await pool.acquire()
    const waiting = pool.acquire({ block: true })
    await pool.resize(2)
    expect((await waiting).value.id).toBe(1)
  })

  test('shrinks, but not below what is lent unless forced', async () => {
    const { pool, things } = poolOf({ limit: 4 })
    const pooled = await Promise.all([1, 2, 3, 4].map(() => pool.acquire()))
    await pooled[0]?.release()
    await expect(pool.resize(2)).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringMatching(/^Cannot shrink to 2 while 3 are lent/),
    })
    expect(pool.limit).toBe(4)
    await pool.resize(2, { force: true })
    expect([pool.limit, pool.idleCount, open(things)]).toEqual([2, 0, 3])
    for (const one of pooled) await one.release()
    expect([pool.idleCount, open(things)]).toEqual([2, 2])
    await pool.resize(1)
    expect(open(things)).toBe(1)
  })

  test('resets when it is told to', async () => {
    const { pool, things } = poolOf({ limit: 2 })
    const lent = await pool.acquire()
    await (await pool.acquire()).release()
    await pool.resize(2, { reset: true })
    expect([open(things), pool.lentCount, pool.idleCount]).toEqual([0, 0, 0])
    await lent.release()
    expect((await pool.acquire()).value.id).toBe(2)
  })

  test('forceCloseAll() closes what is lent too, twice or once', async () => {
    const { pool, things } = poolOf({ limit: 2 })
    const lent = await pool.acquire()
    await pool.acquire()
    const waiting = pool.acquire({ block: true })
    const ended = expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await pool.close()
    await pool.forceCloseAll()
    await ended
    await lent.release()
    expect(open(things)).toBe(0)
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })

    const other = poolOf({ limit: 1 })
    await other.pool.acquire()
    await other.pool.forceCloseAll({ closePool: false })
    expect((await other.pool.acquire()).value.id).toBe(1)
  })

  test.for([-1, 1.5, Number.NaN])('refuses the limit %d', async (limit) => {
    expect(() => poolOf({ limit })).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    await expect(poolOf().pool.resize(limit)).rejects.toMatchObject({ code: 'BAD_OPTION' })
  })

  test('whatever is done to it, it lends no more than its limit and forgets nothing', async () => {
    const action = fc.constantFrom('acquire', 'release', 'replace', 'break')
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(action), async (limit, actions) => {
        const { pool, things } = poolOf({ limit })
        const lent: Pooled<Thing>[] = []
        for (const one of actions) {
          if (one === 'acquire') {
            const pooled = await pool.acquire().catch(() => undefined)
            expect(pooled === undefined).toBe(lent.length === limit)
            if (pooled) lent.push(pooled)
          } else if (one === 'release') await lent.shift()?.release()
          else if (one === 'replace') await lent.shift()?.replace()
          else Object.assign(lent[0]?.value ?? {}, { isClosed: true })
          expect(pool.lentCount).toBe(lent.length)
          expect(pool.lentCount + pool.idleCount).toBeLessThanOrEqual(limit)
          expect(new Set(lent.map(({ value }) => value.id)).size).toBe(lent.length)
        }
        await pool.close()
        expect(open(things)).toBe(0)
      }),
    )
  })
})
