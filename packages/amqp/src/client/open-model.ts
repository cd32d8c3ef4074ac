/** amqplib's `connect()`, with a signal, our names and TLS. */

import type { OperationOptions } from '@dashi/messaging/transport'
import { type ChannelModel, connect, type SocketOptions } from 'amqplib'
import type { AmqpSettings } from '../settings.ts'
import { tlsOptions } from '../tls.ts'
import { credentialsOf } from './sasl.ts'

/** What differs between two connections with the same settings. */
export interface OpenOptions extends OperationOptions {
  readonly role: string
}

/** Connects, authenticates and opens the virtual host. Rejects with whatever went wrong, unconverted. */
export async function openModel(
  settings: AmqpSettings,
  options: OpenOptions,
): Promise<ChannelModel> {
  const { signal, role } = options
  signal?.throwIfAborted()
  const tls = settings.ssl ? await tlsOptions(settings.ssl, settings.host) : {}
  // Of its own: the socket must not be tied to a signal that may abort after it is open.
  const attempt = new AbortController()
  const abort = () => attempt.abort(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    const socket: SocketOptions & { readonly signal: AbortSignal } = {
      ...tls,
      signal: attempt.signal,
      noDelay: true,
      keepAlive: true,
      keepAliveDelay: 60_000,
      credentials: credentialsOf(settings),
      clientProperties: {
        product: 'dashi',
        connection_name: `${settings.connectionName} ${role}`,
        ...settings.clientProperties,
      },
    }
    return await connect(addressOf(settings), socket)
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

function addressOf(settings: AmqpSettings) {
  return {
    protocol: settings.ssl ? 'amqps' : 'amqp',
    hostname: settings.host,
    port: settings.port,
    // amqplib decodes what it takes for a part of a URL.
    vhost: encodeURIComponent(settings.virtualHost),
    frameMax: settings.frameMax,
    channelMax: settings.channelMax,
    ...(settings.heartbeatMs === undefined
      ? {}
      : { heartbeat: Math.ceil(settings.heartbeatMs / 1_000) }),
  }
}
