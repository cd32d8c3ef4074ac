import { ImproperlyConfiguredError } from '../../errors.ts'
import { type BrandedApp, isApp } from '../../task/app-brand.ts'

/** Where a child finds the app. */
export interface AppModule {
  /** `file:` URL, or whatever `import()` takes. */
  readonly url: string
  /** Default: the first export that is an app. */
  readonly exportName?: string | undefined
}

/**
 * Imports a module and finds its app.
 *
 * @throws {ImproperlyConfiguredError} it exports none; whatever importing it throws.
 */
export async function loadApp({ url, exportName }: AppModule): Promise<BrandedApp> {
  const module: Readonly<Record<string, unknown>> = await import(url)
  const app = exportName === undefined ? Object.values(module).find(isApp) : module[exportName]
  if (isApp(app)) return app
  const what = exportName === undefined ? 'no app' : `no app named "${exportName}"`
  const names = Object.keys(module).join(', ') || 'nothing'
  throw new ImproperlyConfiguredError(
    `Module ${url} exports ${what} (it exports ${names}). Export the App, and name the module that does`,
  )
}
