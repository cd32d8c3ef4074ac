/**
 * The thread that renews leases while the main thread runs handlers, however long those block it.
 *
 * Started by `lease-keeper.ts`.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { StoreSettings } from '../settings.ts'
import type { KeeperCommand, KeeperEvent } from './lease-keeper.ts'
import { Renewal } from './renewal.ts'

// It is started with nothing else.
const settings = workerData as StoreSettings

const tell = (event: KeeperEvent) => parentPort?.postMessage(event)

const renewal = new Renewal(settings, {
  onKept: (holder) => tell({ event: 'kept', holder, reason: '' }),
  onEnded: (holder, reason) => tell({ event: 'ended', holder, reason }),
})

parentPort?.on('message', (command: KeeperCommand) => renewal.obey(command))
