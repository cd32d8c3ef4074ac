import type { Route, RouteSetting } from '../configuration/routing-settings.ts'
import type { RoutedCall } from './router.ts'

type Table = Readonly<Record<string, Route>>
type Matcher = (call: RoutedCall) => Route | undefined

/**
 * Compiles `taskRoutes` into one function: the first rule that answers wins.
 *
 * A table is asked for the exact name first, then for its patterns in their order. Source: celery/app/routes.py, MapRoute.
 */
export function routeMatcher(setting: RouteSetting | null): Matcher {
  if (setting === null) return () => undefined
  const matchers = Array.isArray(setting)
    ? setting.map(listedMatcher)
    : [listedMatcher(setting as RouteSetting & (Table | Matcher))]
  return (call) => {
    for (const matcher of matchers) {
      const route = matcher(call)
      if (route !== undefined) return route
    }
    return undefined
  }
}

type Listed = readonly [string | RegExp, Route] | Matcher | Table

function listedMatcher(rule: Listed): Matcher {
  if (typeof rule === 'function') return rule
  return isPair(rule) ? pairMatcher(rule) : tableMatcher(rule)
}

function isPair(rule: Listed): rule is readonly [string | RegExp, Route] {
  return Array.isArray(rule)
}

function pairMatcher([pattern, route]: readonly [string | RegExp, Route]): Matcher {
  const matches = nameMatcher(pattern)
  return ({ task }) => (matches(task) ? route : undefined)
}

function tableMatcher(table: Table): Matcher {
  const patterns = Object.entries(table).map(([name, route]) => pairMatcher([name, route]))
  return (call) => {
    if (Object.hasOwn(table, call.task)) return table[call.task]
    for (const matcher of patterns) {
      const route = matcher(call)
      if (route !== undefined) return route
    }
    return undefined
  }
}

/** Wildcards as Python's fnmatch: `*`, `?`, `[…]`, over the whole name. A regular expression matches from the start. */
function nameMatcher(pattern: string | RegExp): (task: string) => boolean {
  if (typeof pattern !== 'string') {
    const anchored = new RegExp(`^(?:${pattern.source})`, pattern.flags.replaceAll(/[gy]/g, ''))
    return (task) => anchored.test(task)
  }
  if (!pattern.includes('*')) return (task) => task === pattern
  const glob = new RegExp(`^${globSource(pattern)}$`, 's')
  return (task) => glob.test(task)
}

function globSource(pattern: string): string {
  return pattern
    .split(/(\*+|\?|\[!?\]?[^\]]*\])/)
    .map((part) => {
      if (part.startsWith('*')) return '.*'
      if (part === '?') return '.'
      if (part.startsWith('[') && part.endsWith(']')) return bracketSource(part)
      return part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
    })
    .join('')
}

function bracketSource(part: string): string {
  const inner = part.slice(1, -1).replaceAll('\\', '\\\\')
  return inner.startsWith('!') ? `[^${inner.slice(1)}]` : `[${inner}]`
}
