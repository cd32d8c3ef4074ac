/** Started by `holder.ts`: takes one message, says so, and keeps it. */
import { Connection, Queue } from '@dashi/messaging'

const [url = '', queue = '', transportOptions = '{}'] = process.argv.slice(2)
const connection = new Connection(url, { transportOptions: JSON.parse(transportOptions) })
const stream = connection.consume(new Queue(queue), { prefetchCount: 1 })
const { value } = await stream.next()
if (value) process.send?.('holding')
