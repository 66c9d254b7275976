import { isIPv6 } from 'node:net'
import os from 'node:os'
import type { InetAddress } from './address.ts'
import { ifNameindex } from './interfaces.ts'

/**
 * Returns the scope id of an IPv6 zone, such as the `eth0` of `fe80::1%eth0`; a number stands for itself. Returns 0 if there is no
 * such interface.
 */
export function scopeOf(zone: string): number {
  // Asking Node is quicker than reading the list of all interfaces.
  for (const { scopeid } of os.networkInterfaces()[zone] ?? []) if (scopeid) return scopeid
  return Number(zone) || (ifNameindex().find(([, name]) => name === zone)?.[0] ?? 0)
}

/** Returns the host of an address with its scope id as a zone: Node takes interfaces by name. */
export function zonedHost([host, , , scope = 0]: InetAddress): string {
  if (scope === 0 || !isIPv6(host) || host.includes('%')) return host
  return `${host}%${ifNameindex().find(([index]) => index === scope)?.[1] ?? scope}`
}
