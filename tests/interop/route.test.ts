import { expect, test } from 'vitest'
import { exchangeKinds } from './matrix.ts'
import { routeOf } from './route.ts'

test('routeOf() binds and routes so that the message finds its queue', () => {
  for (const exchange of exchangeKinds) {
    const route = routeOf('redis', exchange, 'u')
    expect(route.queueName).toContain('u')
    expect(route.exchangeName).toContain('u')
    if (exchange === 'default') expect(route.routingKey).toBe(route.queueName)
    if (exchange !== 'topic') expect(route.bindingKey).toBe(route.routingKey)
    expect(route.bindingArguments).toMatchObject(route.headers)
  }
})

test('no two kinds share a queue or an exchange', () => {
  const routes = exchangeKinds.map((exchange) => routeOf('redis', exchange, 'u'))
  expect(new Set(routes.map(({ queueName }) => queueName)).size).toBe(exchangeKinds.length)
  expect(new Set(routes.map(({ exchangeName }) => exchangeName)).size).toBe(exchangeKinds.length)
})

test('only a headers exchange looks at headers', () => {
  for (const exchange of exchangeKinds) {
    const { headers } = routeOf('rabbitmq', exchange, 'u')
    expect(Object.keys(headers).length > 0).toBe(exchange === 'headers')
  }
})
