import { createHash } from 'node:crypto'

/** Whose id: numbers that together name one object of one thread of one process of one machine. */
export interface OidParts {
  /** 48 bits, usually a network address. */
  readonly nodeId: number | bigint
  readonly processId: number
  readonly threadId: number | bigint
  /** Tells objects of one thread apart. */
  readonly instance: number | bigint
}

/**
 * Name of a mailbox's reply queue: the UUID, version 3, of `node-process-thread-instance` in hexadecimal.
 *
 * Version 5 where the machine forbids MD5. Source: kombu/common.py, generate_oid.
 */
export function generateOid(parts: OidParts): string {
  const { nodeId, processId, threadId, instance } = parts
  const name = [nodeId, processId, threadId, instance].map((n) => n.toString(16)).join('-')
  try {
    return nameBasedUuid(name, { algorithm: 'md5', version: 3 })
  } catch {
    // A FIPS build of OpenSSL has no MD5; Kombu falls back the same way.
    return nameBasedUuid(name, { algorithm: 'sha1', version: 5 })
  }
}

/** RFC 9562, appendix C: the name space of ISO object identifiers. */
const oidNamespace: Uint8Array = Buffer.from('6ba7b8129dad11d180b400c04fd430c8', 'hex')

function nameBasedUuid(
  name: string,
  { algorithm, version }: { algorithm: 'md5' | 'sha1'; version: 3 | 5 },
): string {
  const hash = createHash(algorithm).update(oidNamespace).update(name).digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | (version << 4), 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-')
}
