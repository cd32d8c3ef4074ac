import type { Uuid } from '../uuid.ts'

/**
 * A dict that is not finished. It is remembered before it is known whether all of its keys are text,
 * and small as long as it is empty.
 */
export class Dict {
  /** Keys and values by turns; the last value of a key counts. */
  readonly items: unknown[] = []
}

/** The name of a class or function of Python. It is only compared, never looked up. */
export class GlobalReference {
  /** Module and name, e.g. `datetime.date`. */
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** `datetime.timedelta` */
export class Duration {
  readonly microseconds: number

  constructor(microseconds: number) {
    this.microseconds = microseconds
  }
}

/** `datetime.timezone` */
export class Zone {
  /** As in ISO 8601, e.g. `+05:30`. */
  readonly offset: string

  constructor(offset: string) {
    this.offset = offset
  }
}

/** `uuid.UUID`, which is made first and told its number later. */
export class UnfinishedUuid {
  uuid: Uuid | undefined
}

/**
 * What to call something that is on the stack of a pickle and no value of its own; undefined for
 * values.
 */
export function referenceName(value: unknown): string | undefined {
  if (value instanceof GlobalReference) return value.name
  if (value instanceof Duration) return 'datetime.timedelta'
  if (value instanceof Zone) return 'datetime.timezone'
  return value instanceof UnfinishedUuid ? 'uuid.UUID without its number' : undefined
}
