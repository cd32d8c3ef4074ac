import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { testResultStore } from '@dashi/conformance'
import { afterAll, describe, expect, test } from 'vitest'
import { resultStoreFromUrl } from './result-store-from-url.ts'

const folder = await mkdtemp(join(tmpdir(), 'dashi-results-'))
const path = join(folder, 'results.db')

afterAll(() => rm(folder, { recursive: true }))

testResultStore(
  { describe, test, expect },
  {
    name: 'sqlite',
    create: () => resultStoreFromUrl(`db+sqlite:///${path}`),
    expiry: 'cleanup',
    lost: ['children', 'group_id', 'parent_id'],
    async putForeign(taskId) {
      using database = new DatabaseSync(path)
      database.exec('PRAGMA busy_timeout = 5000')
      const insert =
        "INSERT INTO celery_taskmeta (task_id, status, result) VALUES (?, 'SUCCESS', ?)"
      // os.system
      database.prepare(insert).run(taskId, Buffer.from('cposix\nsystem\n(Vls\ntR.'))
    },
  },
)
