/** How fast is messaging without a server: SQLite and memory? */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Comparison, Question } from './question.ts'

/** Targets: 10,000 durable messages a second through SQLite, 200,000 through memory. */
export const messagingEmbedded: Question = {
  name: 'messaging-embedded',
  description:
    'Publish (500 in flight) and consume (prefetch 100) in one process: a SQLite file with group commit, and memory',
  comparisons: [
    {
      name: 'sqlite publish, 500 in flight',
      workload: { kind: 'publish', count: 30_000, concurrency: 500 },
      atLeast: 10_000,
    },
    {
      name: 'sqlite take and settle, prefetch 100',
      workload: { kind: 'drain', count: 30_000, concurrency: 100 },
      atLeast: 10_000,
    },
    {
      name: 'memory publish, 500 in flight',
      workload: { kind: 'publish', count: 200_000, concurrency: 500 },
      atLeast: 200_000,
    },
    {
      name: 'memory take and settle, prefetch 100',
      workload: { kind: 'drain', count: 200_000, concurrency: 100 },
      atLeast: 200_000,
    },
  ],
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dashi-bench-'))
    let file = 0
    return {
      urlOf: (comparison) => urlOf(comparison, join(folder, `${file}.db`)),
      empty: async () => {
        file += 1
      },
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
    }
  },
}

function urlOf({ name }: Comparison, path: string): string {
  return name.startsWith('memory') ? 'memory://' : `sqla+sqlite:///${path}`
}
