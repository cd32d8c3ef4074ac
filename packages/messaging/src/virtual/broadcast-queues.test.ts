import { describe, expect, test } from 'vitest'
import { BroadcastQueues, fanoutBindings } from './broadcast-queues.ts'
import type { Broadcaster, BroadcastMessage, StoredBinding } from './queue-store.ts'

type Listener = (message: BroadcastMessage) => void

/** A broadcaster in hand. */
function harness() {
  const listeners = new Map<string, Listener>()
  const cancelled: string[] = []
  const refused = new Set<string>()
  let wakes = 0
  const broadcaster: Broadcaster = {
    publish: async () => -1,
    async subscribe(exchange, bindingKey, onMessage) {
      const name = `${exchange}/${bindingKey}`
      if (refused.has(name)) throw new Error(`no ${name}`)
      listeners.set(name, onMessage)
      return { cancel: async () => void cancelled.push(name) }
    },
  }
  const queues = new BroadcastQueues(broadcaster, () => {
    wakes += 1
  })
  const send = (name: string, payload: string) => listeners.get(name)?.({ exchange: name, payload })
  return { queues, send, cancelled, refused, wakes: () => wakes }
}

function binding(exchange: string, routingKey = '', exchangeType = 'fanout'): StoredBinding {
  return { exchange, exchangeType, queue: 'q', routingKey, arguments: {} }
}

describe('BroadcastQueues', () => {
  test('broadcasts wait until they are taken, in order', async () => {
    const { queues, send, wakes } = harness()
    await queues.open('q', [binding('e', 'k')])
    for (const payload of ['1', '2', '3']) send('e/k', payload)
    expect(wakes()).toBe(3)
    expect(queues.take('q', 2)).toEqual(['1', '2'])
    queues.putBack('q', '2', 'first')
    queues.putBack('q', '1', 'last')
    expect(queues.take('q', 9)).toEqual(['2', '3', '1'])
    expect(queues.take('other', 9)).toEqual([])
  })

  test('the last consumer ends the subscriptions', async () => {
    const { queues, send, cancelled } = harness()
    await queues.open('q', [binding('e'), binding('f')])
    await queues.open('q', [binding('e'), binding('f')])
    await queues.close('q')
    expect(cancelled).toEqual([])
    send('e/', 'still')
    expect(queues.take('q', 1)).toEqual(['still'])
    await queues.close('q')
    expect(cancelled).toEqual(['e/', 'f/'])
    await queues.close('q')
    queues.putBack('q', 'nobody', 'first')
    expect(queues.take('q', 1)).toEqual([])
  })

  test('a refused subscription leaves nothing behind, and can be tried again', async () => {
    const { queues, cancelled, refused, send } = harness()
    refused.add('f/')
    await expect(queues.open('q', [binding('e'), binding('f')])).rejects.toThrow('no f/')
    expect(cancelled).toEqual(['e/'])
    refused.clear()
    await queues.open('q', [binding('e'), binding('f')])
    send('f/', 'now')
    expect(queues.take('q', 1)).toEqual(['now'])
  })

  test('a queue that nobody takes from is bounded, the oldest go, and they are counted', async () => {
    const { queues, send } = harness()
    await queues.open('q', [binding('e')])
    for (let number = 0; number < 10_003; number += 1) send('e/', String(number))
    expect(queues.droppedCount).toBe(3)
    expect(queues.take('q', 1)).toEqual(['3'])
  })
})

test('fanoutBindings() leaves out the others', () => {
  expect(fanoutBindings([binding('e'), binding('d', 'k', 'direct')])).toEqual([binding('e')])
})
