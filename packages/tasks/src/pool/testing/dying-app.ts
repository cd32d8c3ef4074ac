/** An app that cannot be loaded, in the way that its URL's query says. Children import it. */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { appBrand, type BrandedApp } from '../../task/app-brand.ts'
import { TaskRegistry } from '../../task/registered-task.ts'

const registry = new TaskRegistry()
/** Two apps: which one is meant has to be said, or it is the first. */
export const app: BrandedApp = { [appBrand]: true, registry }
/** Not the first one. */
export const other: BrandedApp = { [appBrand]: true, registry: new TaskRegistry() }
/** No app. */
export const settings = 1

registry.add({ name: 'pid', options: { name: 'pid' }, run: () => process.pid })
registry.add({
  name: 'dieLater',
  options: { name: 'dieLater' },
  run: () => {
    setTimeout(() => process.exit(9), 10)
  },
})

const how = new URL(import.meta.url).searchParams
if (how.has('throw')) throw new RangeError('broken module')
if (how.has('exit')) process.exit(7)
if (how.has('hang')) await sleep(60_000)
const flag = how.get('exitIf')
if (flag !== null && existsSync(flag)) process.exit(8)
