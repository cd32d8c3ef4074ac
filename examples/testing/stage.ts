/** Where the programs of one test meet: a folder, and in it or beside it a broker. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '../../tools/brokers/redis.ts'
import { UnavailableError } from '../../tools/services/broker.ts'
import { Program } from './program.ts'

/** Brokers that most examples run on. */
export const brokerNames = ['sqlite', 'redis'] as const

/** One of them. */
export type BrokerName = (typeof brokerNames)[number]

/** A folder and a broker that nobody else uses. */
export class Stage implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'dashi-example-'))
  /** Of the broker. */
  readonly url: string
  readonly #cleanUp: () => Promise<void>

  /** @internal Use `openStage()`. */
  constructor(url: string, cleanUp: () => Promise<void>) {
    this.url = url
    this.#cleanUp = cleanUp
  }

  /** Starts a TypeScript program, by its path below `examples/`, with the broker as its first argument. */
  run(path: string, ...args: readonly string[]): Program {
    return this.runWith(path, this.url, ...args)
  }

  /** Starts a TypeScript program with these arguments only. */
  runWith(path: string, ...args: readonly string[]): Program {
    const program = join(import.meta.dirname, '..', path)
    return new Program({
      command: process.execPath,
      args: ['--conditions=@dashi/source', program, ...args],
      folder: this.folder,
    })
  }

  /** Starts a Python program, with the broker as its first argument. */
  runPython(python: string, path: string, ...args: readonly string[]): Program {
    const program = join(import.meta.dirname, '..', path)
    // -B: no caches beside the sources; -u: what it prints comes at once.
    const all = ['-B', '-u', program, this.url, ...args]
    return new Program({ command: python, args: all, folder: this.folder })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanUp()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Opens a stage, or skips the test with the reason why there is no broker. */
export async function openStage(
  broker: BrokerName,
  skip: (reason: string) => never,
): Promise<Stage> {
  if (broker === 'sqlite') return new Stage('sqla+sqlite:///examples.db', async () => undefined)
  const server = await startRedis().catch((error: unknown) => {
    if (error instanceof UnavailableError) return skip(error.message)
    throw error
  })
  return new Stage(server.url, () => server.process.stop())
}
