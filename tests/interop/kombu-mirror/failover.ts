/** BaseFailover of Kombu's common.py: the same as without, with an address in front where nobody answers. */
import { connectTwice, consumeEmptyQueue, publishAndConsume, throughBox } from './basic.ts'
import type { Mirror, Mirrors } from './mirror.ts'

/** Where there are addresses on a network. */
function failingOver(sides: Mirror['sides'], run: Mirror['run']): Mirror {
  return { places: ['rabbitmq', 'redis', 'redis-prefix'], sides, isFailover: true, run }
}

/** Four tests. */
export const failoverMirrors: Mirrors = {
  'BaseFailover.test_connect': failingOver('ours', connectTwice),
  'BaseFailover.test_publish_consume': failingOver('both', publishAndConsume),
  'BaseFailover.test_consume_empty_queue': failingOver('both', consumeEmptyQueue),
  'BaseFailover.test_simple_buffer_publish_consume': failingOver('both', throughBox(true)),
}
