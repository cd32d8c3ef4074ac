/**
 * The tables of capabilities in `docs/transports/`: checked, and written with `--write`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { amqp } from '@dashi/amqp'
import { filesystem, memory, type Transport } from '@dashi/messaging'
import { redis } from '@dashi/redis'
import { sqlite } from '@dashi/sql'
import { capabilityTable } from './capabilities/capability-table.ts'
import { withSection } from './capabilities/marked-section.ts'
import { reportAndExit } from './report.ts'

/** Pages, with the transport that each is about. Nothing is connected. */
function transports(): Readonly<Record<string, Transport>> {
  return {
    'amqp.md': amqp(),
    'filesystem.md': filesystem(),
    'memory.md': memory(),
    'redis.md': redis(),
    'sql.md': sqlite({ path: 'queue.db' }),
  }
}

/** The pages whose table is not what the transport declares and the suite tests; with `write`, those that cannot be mended. */
export function capabilityErrors(root: string, write = false): readonly string[] {
  return Object.entries(transports()).flatMap(([page, transport]) => {
    const path = `docs/transports/${page}`
    const text = readFileSync(join(root, path), 'utf8')
    const wanted = withSection(text, capabilityTable(transport))
    if (wanted === undefined) return [`${path}: has no place for the table of capabilities`]
    if (wanted === text) return []
    if (!write) return [`${path}: its capabilities are stale; write them: npm run capabilities`]
    writeFileSync(join(root, path), wanted)
    return []
  })
}

if (process.argv[1] === import.meta.filename) {
  const isWriting = process.argv.includes('--write')
  reportAndExit('capabilities', capabilityErrors(process.cwd(), isWriting))
}
