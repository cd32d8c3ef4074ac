import type { WorkQueue } from '@dashi/messaging'

/** Pushes the same pages to each queue, and prints in which order they come out. */
export async function printOrders(
  queues: Readonly<Record<string, WorkQueue<string>>>,
): Promise<void> {
  for (const [discipline, queue] of Object.entries(queues)) {
    await queue.push('/', { priority: 1 })
    await queue.push('/contact', { priority: 0 })
    await queue.push('/news', { priority: 10 })
    console.log(`${discipline}: ${(await drain(queue)).join(' ')}`)
  }
}

/** Takes until nothing has come for a while. */
async function drain(queue: WorkQueue<string>): Promise<readonly string[]> {
  const items: string[] = []
  for (;;) {
    const item = await queue.pop({ timeoutMs: 100 })
    if (item === undefined) return items
    items.push(item)
  }
}
