import { FifoQueue, LifoQueue, PriorityQueue, SqliteFile } from '@dashi/sql'
import { printOrders } from './print-orders.ts'

const [path = 'examples.db'] = process.argv.slice(2)

await using file = new SqliteFile(path) // opened once for all three

await printOrders({
  'first in, first out': new FifoQueue<string>(file, 'fifo:requests'),
  'last in, first out': new LifoQueue<string>(file, 'lifo:requests'),
  'highest priority first': new PriorityQueue<string>(file, 'priority:requests'),
})
