/**
 * The current time as Kombu writes it into `timestamp`: local time, microseconds.
 *
 * Source: SQLAlchemy's DATETIME on SQLite with `datetime.datetime.now()`.
 */
export function localTimestamp(now: Date): string {
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-')
  const time = [two(now.getHours()), two(now.getMinutes()), two(now.getSeconds())].join(':')
  return `${date} ${time}.${String(now.getMilliseconds()).padStart(3, '0')}000`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
