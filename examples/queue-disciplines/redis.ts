import { FifoQueue, LifoQueue, PriorityQueue, RedisLink } from '@dashi/redis'
import { printOrders } from './print-orders.ts'

const [url = 'redis://localhost:6379/0'] = process.argv.slice(2)

await using link = new RedisLink(url) // one connection for all three

await printOrders({
  'first in, first out': new FifoQueue<string>(link, 'fifo:requests'),
  'last in, first out': new LifoQueue<string>(link, 'lifo:requests'),
  'highest priority first': new PriorityQueue<string>(link, 'priority:requests'),
})
