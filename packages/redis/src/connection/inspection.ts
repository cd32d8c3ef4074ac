/** What a server says about itself, as far as it matters to us. */
export interface ServerInfo {
  /** `undefined` where the server does not say. */
  readonly version: string | undefined
  readonly role: string | undefined
  readonly masterAddress: string
  readonly isCluster: boolean
  readonly maxmemory: number
  readonly maxmemoryPolicy: string | undefined
  readonly replicaCount: number
  /** Writes are refused when too few replicas have them. */
  readonly wantsReplicas: boolean
}

/** Reads the answer to `INFO`. */
export function parseInfo(text: string): ServerInfo {
  const fields = new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':')
      return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const]
    }),
  )
  return {
    version: fields.get('redis_version'),
    role: fields.get('role'),
    masterAddress: `${fields.get('master_host')}:${fields.get('master_port')}`,
    // Not "redis_mode": Valkey calls that otherwise.
    isCluster: fields.get('cluster_enabled') === '1',
    maxmemory: Number(fields.get('maxmemory') ?? 0),
    maxmemoryPolicy: fields.get('maxmemory_policy'),
    replicaCount: Number(fields.get('connected_slaves') ?? 0),
    // Redis shows the field only when "min-replicas-to-write" is set.
    wantsReplicas: fields.has('min_slaves_good_slaves'),
  }
}

/** Why this server cannot be a broker, or `undefined` when it can. */
export function objectionTo(info: ServerInfo): string | undefined {
  if (info.role === 'slave') {
    return `it is a replica of ${info.masterAddress}, and replicas take no writes. If nobody configured that, the server may have been taken over`
  }
  const [major = 0, minor = 0] = (info.version ?? '').split('.').map(Number)
  const isOld = info.version !== undefined && (major < 6 || (major === 6 && minor < 2))
  return isOld
    ? `it is Redis ${info.version}, and 6.2 is the oldest that can take several messages at once`
    : undefined
}

/**
 * Settings of this server that put messages at risk, each with its name and what to do.
 *
 * @param use `replicasConfirm`: publishes wait for replicas.
 */
export function risksOf(
  info: ServerInfo,
  use: { readonly replicasConfirm?: boolean } = {},
): readonly string[] {
  const risks: string[] = []
  if (info.maxmemory > 0 && info.maxmemoryPolicy !== 'noeviction') {
    risks.push(
      `"maxmemory-policy" is "${info.maxmemoryPolicy}": when memory is full, Redis deletes queues and bindings. Set it to "noeviction"`,
    )
  }
  if (info.replicaCount > 0 && !info.wantsReplicas && use.replicasConfirm !== true) {
    risks.push(
      '"min-replicas-to-write" is not set: messages confirmed by a master that is cut off are lost in a failover. Set it to 1, and "min-replicas-max-lag" to 2, or the option "confirmReplicas" to 1',
    )
  }
  return risks
}
