/**
 * The two Pythons on the other end: which are there, and why not.
 */
import { existsSync } from 'node:fs'

/** The releases of Kombu that we speak with: the oldest and the newest. */
export const kombuReleases = ['kombu52', 'kombu56'] as const

/** One of them. */
export type KombuRelease = (typeof kombuReleases)[number]

/** The environment variables that name their interpreters. `npm test` and `npm run brokers` set them. */
export const pythonVariables: Readonly<Record<KombuRelease, string>> = {
  kombu52: 'DASHI_TEST_PYTHON_52',
  kombu56: 'DASHI_TEST_PYTHON_56',
}

/** An interpreter that has Kombu, or the reason why there is none. */
export type FoundPython =
  | { readonly path: string; readonly reason?: never }
  | { readonly path?: never; readonly reason: string }

/** Looks for the interpreter of a release. Starts nothing. */
export function findPython(
  release: KombuRelease,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): FoundPython {
  const variable = pythonVariables[release]
  const path = environment[variable]
  if (path === undefined || path === '') {
    return { reason: `${variable} is not set; "npm run brokers -- up python" says to what` }
  }
  if (!existsSync(path)) return { reason: `${variable} names ${path}, which does not exist` }
  return { path }
}
