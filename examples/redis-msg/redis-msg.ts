import { PubSub, type PubSubMessage } from '@dashi/redis'

const [url = 'redis://localhost:6379/0'] = process.argv.slice(2)

await using pubSub = new PubSub(url, { heartbeatMs: 1_000 })

const channel1 = (message: PubSubMessage) => {
  console.log(`这是频道1回调处理程序: ${message.text()}`)
}
const channel2 = (message: PubSubMessage) => {
  console.log(`这是频道2回调处理程序: ${message.text()}`)
}
const print = (message: PubSubMessage) => {
  console.log(`${message.type} on ${message.channel}: ${message.text()}`)
}

await pubSub.subscribe('channel1', channel1)
await pubSub.subscribe('channel2', channel2)
console.log(`listening to ${pubSub.channels.join(', ')}`)

await pubSub.publish('channel1', 'channel1的消息')
await pubSub.publish('channel2', 'channel2的消息')

await pubSub.subscribe('channel3', print)
await pubSub.psubscribe('channel?', print)
console.log(`listening to ${[...pubSub.channels, ...pubSub.patterns].join(', ')}`)
await pubSub.publish('channel3', 'channel3的消息')

await pubSub.unsubscribe(['channel1', 'channel2'])
await pubSub.punsubscribe('channel?')
console.log(`listening to ${pubSub.channels.join(', ')}`)
const receiverCount = await pubSub.publish('channel1', 'nobody hears this')
console.log(`received by ${receiverCount}`)

await new Promise((resolve) => pubSub.on('pong', resolve))
console.log('the heartbeat was answered')
