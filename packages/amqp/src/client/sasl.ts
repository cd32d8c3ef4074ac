/** How a client says who it is: SASL. Source: RabbitMQ, rabbit_auth_mechanism_*. */
import { credentials } from 'amqplib'
import type { AmqpSettings } from '../settings.ts'

/** The first message of a mechanism. */
export interface SaslCredentials {
  readonly mechanism: string
  response(): Buffer
}

/** EXTERNAL leaves it to the certificate of the TLS connection. */
export function credentialsOf(settings: AmqpSettings): SaslCredentials {
  const { loginMethod, userid, password } = settings
  switch (loginMethod) {
    case 'PLAIN':
      return credentials.plain(userid, password)
    case 'AMQPLAIN':
      return credentials.amqplain(userid, password)
    case 'EXTERNAL':
      return credentials.external()
    default:
      return loginMethod satisfies never
  }
}
