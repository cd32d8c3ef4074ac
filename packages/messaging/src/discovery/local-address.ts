/** The address that others on the network may know this machine by. */
import { hostname, networkInterfaces } from 'node:os'

/** The first IPv4 address that is not of the machine itself, or else its name. */
export function localAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, internal, address } of addresses ?? []) {
      if (family === 'IPv4' && !internal) return address
    }
  }
  return hostname()
}
