import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testTransport } from '@dashi/conformance'
import { afterAll, describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { MessageNames } from './file-names.ts'
import { filesystem } from './filesystem.ts'

const folder = mkdtempSync(join(tmpdir(), 'dashi-filesystem-conformance-'))
const data = join(folder, 'data')
const notAFolder = join(folder, 'notes.txt')
writeFileSync(notAFolder, 'not a folder')
const folders = { dataFolderIn: data, dataFolderOut: data, controlFolder: join(folder, 'control') }
const options = { leaseMs: 1_000, fsync: false } as const
const names = new MessageNames()

afterAll(() => rmSync(folder, { recursive: true, force: true }))

testTransport(
  { describe, test, expect, afterAll },
  {
    name: 'filesystem',
    create: (overrides) => filesystem({ ...folders, ...options, ...overrides }),
    process: { url: `filesystem://${folder}`, transportOptions: options, recoveryMs: 3_000 },
    unreachable: [
      {
        name: 'a data folder that is a file',
        open: (given) => new Connection(filesystem({ dataFolderIn: notAFolder }), given),
        code: 'CONNECTION_REFUSED',
      },
      {
        name: 'an option that does not exist',
        open: (given) =>
          new Connection(`filesystem://${folder}`, { ...given, transportOptions: { leasMs: 1 } }),
        code: 'BAD_OPTION',
        withinMs: 500,
        isHopeless: true,
      },
      {
        name: 'an option of the wrong type',
        open: (given) => new Connection(`filesystem://${folder}?fsync=perhaps`, given),
        code: 'BAD_OPTION',
        withinMs: 500,
        isHopeless: true,
      },
    ],
    async putForeign(queue, bytes) {
      const temporary = join(folder, randomUUID())
      await writeFile(temporary, bytes)
      await rename(temporary, join(data, names.next(queue)))
    },
  },
)
