import { Management } from '@dashi/amqp'
import { Connection } from '@dashi/messaging'

const [managementUrl = 'http://guest:guest@localhost:15672', amqpUrl = 'amqp://localhost:5672'] =
  process.argv.slice(2)
const virtualHost = 'walk-through'

const management = new Management({ url: managementUrl, virtualHost })
console.log(`RabbitMQ ${await management.version()}`)

// A place of its own, with a user who may do everything in it, and one who may only read.
await management.virtualHosts.create(virtualHost)
await management.users.put('walker', { password: 'secret', tags: ['management'] })
await management.users.put('onlooker', { password: 'secret' })
await management.permissions.set('walker')
await management.permissions.set('onlooker', { configure: '^$', write: '^$', read: '.*' })
for (const { user, configure, write, read } of await management.permissions.list()) {
  if (user === 'onlooker') console.log({ user, configure, write, read })
}

// What one clicks together in the browser: "Add a new exchange", "Add a new queue", "Bind".
await management.exchanges.declare('hello')
await management.queues.declare('world')
await management.bindings.bind({ exchange: 'hello', destination: 'world', routingKey: 'test' })
for (const { exchange, routingKey } of await management.bindings.ofQueue('world')) {
  console.log(`${exchange || 'the default exchange'} leads to world by "${routingKey}"`)
}

// Arguments for all queues with such names, which a declaration need not know.
await management.policies.put('short', {
  pattern: '^world$',
  definition: { 'max-length': 2, overflow: 'reject-publish' },
  applyTo: 'queues',
})
for (const { name, pattern, definition } of await management.policies.list()) {
  console.log(name, pattern, definition)
}

// The users at work.
const place = amqpUrl.replace(/\/*$/, `/${virtualHost}`)
{
  await using connection = new Connection(place, { userid: 'walker', password: 'secret' })
  const producer = connection.producer({ exchange: 'hello', routingKey: 'test' })
  await producer.publish('one')
  await producer.publish('two')
  await producer.publish('three').catch(({ code }) => console.log(`three: ${code}`))
}
{
  await using connection = new Connection(place, { userid: 'onlooker', password: 'secret' })
  const message = await connection.defaultChannel.get('world')
  console.log(`the onlooker gets ${message?.payload}`)
  message?.ack()
  const producer = connection.producer({ exchange: 'hello', routingKey: 'test' })
  await producer.publish('four').catch(({ code }) => console.log(`four: ${code}`))
}

// Tidy up: what is in a virtual host goes with it.
await management.queues.purge('world')
await management.queues.delete('world', { ifEmpty: true, ifUnused: true })
await management.exchanges.delete('hello', { ifUnused: true })
await management.policies.delete('short')
await management.users.delete('walker')
await management.users.delete('onlooker')
await management.virtualHosts.delete(virtualHost)
const left = (await management.virtualHosts.list()).filter((name) => name === virtualHost)
console.log(`left: ${left.length}`)
