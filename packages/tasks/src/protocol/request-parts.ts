/** A task message, of whatever version, taken apart: what {@link MessageRequest} reads from. */
export interface RequestParts {
  readonly protocol: 1 | 2
  /** Of version 2 the message's headers, of version 1 its body: what `id`, `retries`, … are looked up in. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly args: unknown
  readonly kwargs: unknown
  readonly embed: unknown
  /** The message's own headers, where the sender's additions are. */
  readonly headers: Readonly<Record<string, unknown>>
}

/** Why a message cannot be taken apart: the end of a sentence that begins with the task. */
export class MalformedError extends Error {}

/**
 * Version 2: a `task` header, and a body `[args, kwargs, embed]`. Version 1: a mapping with `task` in it. A `task` header over
 * a mapping with `args` is the hybrid that old gateways make: the headers win.
 *
 * @throws {MalformedError}
 */
export function requestParts(
  headers: Readonly<Record<string, unknown>>,
  payload: unknown,
): RequestParts {
  if (headers['task'] === undefined) return partsOfV1(headers, payload)
  if (Array.isArray(payload)) return partsOfV2(headers, payload)
  if (isRecord(payload) && 'args' in payload) {
    return { ...partsOfMapping({ ...payload, ...headers }, payload), protocol: 2, headers }
  }
  throw new MalformedError(
    `its body is ${nameOf(payload)}; protocol 2 wants an array [args, kwargs, embed]`,
  )
}

function partsOfV2(
  headers: Readonly<Record<string, unknown>>,
  payload: readonly unknown[],
): RequestParts {
  if (payload.length !== 3) {
    throw new MalformedError(
      `its body has ${payload.length} elements; protocol 2 wants the three [args, kwargs, embed]`,
    )
  }
  const [args, kwargs, embed] = payload
  return { protocol: 2, fields: headers, args, kwargs, embed, headers }
}

function partsOfV1(headers: Readonly<Record<string, unknown>>, payload: unknown): RequestParts {
  if (!isRecord(payload) || payload['task'] === undefined) {
    throw new MalformedError(
      `it has no "task" header (protocol 2), and its body, ${nameOf(payload)}, has no key "task" (protocol 1)`,
    )
  }
  return { ...partsOfMapping(payload, payload), protocol: 1, headers }
}

function partsOfMapping(
  fields: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>>,
) {
  const { taskset, args = [], kwargs = {}, callbacks, errbacks, chord } = body
  return {
    // The old name of a group's id wins over the new one.
    fields: taskset === undefined ? fields : { ...fields, group: taskset },
    args,
    kwargs,
    embed: { callbacks, errbacks, chain: null, chord },
  }
}

/** Whether it is a mapping: an object that is no array, date, bytes and the like. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** What to call a value in a sentence. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return `a ${typeof value}`
  return isRecord(value) ? 'an object' : `a ${value.constructor?.name ?? 'value'}`
}
