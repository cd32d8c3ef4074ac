/** Writing that survives a loss of power. */
import { open } from 'node:fs/promises'

/** Writes a new file. With `fsync`, its content is on the disk when this resolves; its name is not yet. */
export async function writeDurably(
  path: string,
  content: string | Uint8Array,
  fsync: boolean,
): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(content)
    if (fsync) await file.sync()
  } finally {
    await file.close()
  }
}

/** Has the names in a folder written to the disk. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
