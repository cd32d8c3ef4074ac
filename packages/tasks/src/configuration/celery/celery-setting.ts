import type { Settings } from '../settings.ts'
import type { Conversion } from './convert-setting.ts'

/** What becomes of a setting of Celery: one of ours, or nothing, with the reason. `old` is its name in 3.x. */
export type CelerySetting =
  | { readonly old: string; readonly to: keyof Settings; readonly as: Conversion }
  | { readonly old: string; readonly ignored: string }
