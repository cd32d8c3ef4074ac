import { json, MessagingError } from '@dashi/messaging'

/**
 * A value that can leave its child: as JSON text with Kombu's tags, which keeps decimals, dates and UUIDs; as it is where JSON
 * has no form for it, or needs none. Whether that can be cloned shows when it is posted.
 */
export type ValueData = { readonly json: string } | { readonly clone: unknown }

/** A value, to be posted. */
export function valueData(value: unknown): ValueData {
  if (typeof value !== 'object' || value === null) return { clone: value }
  try {
    return { json: json.encode(value) }
  } catch (error) {
    if (MessagingError.is(error)) return { clone: value }
    throw error
  }
}

/** The value again. */
export function valueFromData(data: ValueData): unknown {
  return 'json' in data ? json.parse(data.json) : data.clone
}
