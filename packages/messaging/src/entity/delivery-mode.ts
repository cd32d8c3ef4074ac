/**
 * How long a broker keeps a message: AMQP's `delivery_mode`.
 */
import { ConfigurationError } from '../errors.ts'

/** By number or by Kombu's name: 1 = `transient`, 2 = `persistent`. */
export type DeliveryMode = 1 | 2 | 'transient' | 'persistent'

const numbers: Readonly<Record<string, 1 | 2>> = { transient: 1, persistent: 2, 1: 1, 2: 2 }

/**
 * The number that goes on the wire.
 *
 * @throws {ConfigurationError} `BAD_OPTION` for anything else than a `DeliveryMode`.
 */
export function deliveryModeNumber(mode: DeliveryMode): 1 | 2 {
  const number = Object.hasOwn(numbers, mode) ? numbers[mode] : undefined
  if (number !== undefined) return number
  throw new ConfigurationError(
    'BAD_OPTION',
    `deliveryMode has to be 1 ("transient") or 2 ("persistent"), not ${JSON.stringify(mode)}`,
  )
}
