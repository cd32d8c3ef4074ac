import { testTransport } from '@dashi/conformance'
import { afterAll, describe, expect, test } from 'vitest'
import { memory } from './memory.ts'
import { MemoryBroker } from './memory-broker.ts'

const broker = new MemoryBroker()

testTransport(
  { describe, test, expect, afterAll },
  {
    name: 'memory',
    create: (overrides) => memory({ broker, ...overrides }),
    async putForeign(queue, bytes) {
      broker.queue(queue).push(bytes, 0)
    },
  },
)
