import { isIPv6 } from 'node:net'
import { AF_INET6 } from '../constants.ts'
import { inetNtop, inetPton, parseIPv4 } from './packed-address.ts'

/** A numeric host in the form in which the system reports addresses. */
export interface NumericHost {
  readonly address: string
  readonly family: 4 | 6
}

/**
 * Returns the address that a numeric host stands for: '127.1' is 127.0.0.1, '0:0::1' is ::1. A zone is kept. Returns `undefined` for a
 * name.
 */
export function parseNumericHost(host: string): NumericHost | undefined {
  const percent = host.indexOf('%')
  const bare = percent < 0 ? host : host.slice(0, percent)
  if (isIPv6(bare)) {
    const zone = percent < 0 ? '' : host.slice(percent)
    return { address: inetNtop(AF_INET6, inetPton(AF_INET6, bare)) + zone, family: 6 }
  }
  const packed = parseIPv4(host)
  return packed === undefined ? undefined : { address: packed.join('.'), family: 4 }
}
