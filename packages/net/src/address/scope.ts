import { isIPv6 } from 'node:net'
import os from 'node:os'
import type { InetAddress } from './address.ts'

/** The number of the interface that a zone names, as the `eth0` of `fe80::1%eth0`; 0 if there is none. */
export function scopeOf(zone: string): number {
  for (const { scopeid } of os.networkInterfaces()[zone] ?? []) if (scopeid) return scopeid
  return Number(zone) || 0
}

/** The host of an address, with its scope as a zone: Node takes interfaces by name. */
export function zonedHost([host, , , scope = 0]: InetAddress): string {
  if (scope === 0 || !isIPv6(host) || host.includes('%')) return host
  for (const [name, addresses] of Object.entries(os.networkInterfaces())) {
    if (addresses?.some(({ scopeid }) => scopeid === scope)) return `${host}%${name}`
  }
  return `${host}%${scope}`
}
