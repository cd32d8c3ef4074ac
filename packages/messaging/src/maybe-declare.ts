/** Declaring once per connection. */
import type { Channel } from './connection/channel.ts'
import type { SupervisedConnection } from './connection/supervised-connection.ts'
import type { Exchange } from './entity/exchange.ts'
import type { Queue } from './entity/queue.ts'
import type { OperationOptions } from './operation-options.ts'

/** What can be declared. */
export type Declarable = Exchange | Queue

/** Where to declare. */
export interface DeclareTarget {
  readonly connection: SupervisedConnection
  readonly channel: Channel
}

/** True when declaring would say nothing new. The whole definition counts, not the name alone (kombu#396). */
export function isDeclared(entity: Declarable, connection: SupervisedConnection): boolean {
  return entity.canCacheDeclaration && connection.declaredEntities.has(entity.declarationKey)
}

/** Declares an entity unless this connection has already. @returns whether it declared. */
export async function maybeDeclare(
  entity: Declarable,
  target: DeclareTarget,
  options?: OperationOptions,
): Promise<boolean> {
  const { connection, channel } = target
  if (isDeclared(entity, connection)) return false
  await entity.declare(channel, options)
  connection.declaredEntities.add(entity.declarationKey)
  return true
}
