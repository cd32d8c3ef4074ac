import { hostname } from 'node:os'

/** The name of a client, `gen<pid>@<host>`: the `origin` of its calls. Source: celery/utils/nodenames.py, anon_nodename. */
export function anonymousNodeName(): string {
  return `gen${process.pid}@${hostname()}`
}

/**
 * The name of a worker: `celery@<host>` by default. In a given one, `%h` is the host's full name, `%n` its first part, `%d` its
 * domain, `%%` a percent sign; without `@` the host is added. Source: celery/utils/nodenames.py.
 */
export function workerNodeName(given = 'celery@%h'): string {
  const host = hostname()
  const dot = host.indexOf('.')
  const parts: Readonly<Record<string, string>> = {
    h: host,
    n: dot < 0 ? host : host.slice(0, dot),
    d: dot < 0 ? '' : host.slice(dot + 1),
    i: '0',
    I: '',
    '%': '%',
  }
  const expanded = given.replaceAll(
    /%([hndiI%])/g,
    (whole, letter: string) => parts[letter] ?? whole,
  )
  return expanded.includes('@') ? expanded : `${expanded}@${host}`
}
