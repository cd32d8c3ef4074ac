import { appSettings } from './app-settings.ts'
import type { CelerySetting } from './celery-setting.ts'
import { resultSettings } from './result-settings.ts'
import { taskSettings } from './task-settings.ts'
import { workerSettings } from './worker-settings.ts'

/** All settings of Celery 5.6 by their names of today. */
export const celerySettings: Readonly<Record<string, CelerySetting>> = Object.freeze({
  ...appSettings,
  ...taskSettings,
  ...resultSettings,
  ...workerSettings,
})
