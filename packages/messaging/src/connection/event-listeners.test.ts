import { once } from 'node:events'
import { expect, test } from 'vitest'
import { EventListeners } from './event-listeners.ts'

interface Events {
  readonly happened: number
}

test('listeners hear in order, until they stop', () => {
  const events = new EventListeners<Events>()
  const heard: string[] = []
  const stop = events.on('happened', (event) => heard.push(`first ${event}`))
  events.on('happened', (event) => heard.push(`second ${event}`))
  expect(events.emit('happened', 1)).toBe(true)
  stop()
  stop()
  events.emit('happened', 2)
  expect(heard).toEqual(['first 1', 'second 1', 'second 2'])
})

test('emit() tells whether anybody listened', () => {
  const events = new EventListeners<Events>()
  expect(events.emit('happened', 1)).toBe(false)
  const stop = events.on('happened', () => undefined)
  expect(events.emit('happened', 1)).toBe(true)
  stop()
  expect(events.emit('happened', 1)).toBe(false)
})

test('a listener that throws becomes a process warning, and the others hear', async () => {
  const events = new EventListeners<Events>()
  const heard: number[] = []
  events.on('happened', () => {
    throw new Error('a bad listener')
  })
  events.on('happened', (event) => heard.push(event))
  const warned = once(process, 'warning')
  events.emit('happened', 1)
  expect(heard).toEqual([1])
  expect(String(await warned)).toContain('a bad listener')
})
