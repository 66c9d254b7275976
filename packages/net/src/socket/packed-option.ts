import { inetNtop } from '../address/packed-address.ts'
import {
  AF_INET,
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_IF,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  SO_LINGER,
  SOL_SOCKET,
} from '../constants.ts'
import type { Description } from '../description/description.ts'

/** Unpacks an option given as the bytes of a C struct, as Python programs pack it; any other value is returned unchanged. */
export function unpackOption(level: number, option: number, value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value
  if (level === SOL_SOCKET && option === SO_LINGER) {
    return value.length === 8 ? [integerAt(value, 0), integerAt(value, 4)] : value
  }
  if (level === IPPROTO_IP) {
    if (option === IP_MULTICAST_IF && value.length === 4) return addressAt(value, 0)
    const isMembership = option === IP_ADD_MEMBERSHIP || option === IP_DROP_MEMBERSHIP
    if (isMembership) return value.length === 8 ? [addressAt(value, 0), addressAt(value, 4)] : value
    // The kernel accepts a single `char` for numbers of this level too; many tutorials pack IP_MULTICAST_TTL that way.
    if (value.length === 1) return value[0]
  }
  if (level === IPPROTO_IPV6 && (option === IPV6_JOIN_GROUP || option === IPV6_LEAVE_GROUP)) {
    return value.length === 20 ? [inetNtop(AF_INET6, value.subarray(0, 16)), integerAt(value, 16)] : value
  }
  return value.length === 4 ? integerAt(value, 0) : value
}

/** Returns an option as the bytes of its C struct. */
export function packOption(description: Description, level: number, option: number, value: number): Buffer {
  const isLinger = level === SOL_SOCKET && option === SO_LINGER
  const seconds = isLinger ? Math.max(description.options.get(level, option) ?? 0, 0) : 0
  return Buffer.from(Int32Array.from(isLinger ? [value, seconds] : [value]).buffer)
}

function addressAt(bytes: Uint8Array, start: number): string {
  return inetNtop(AF_INET, bytes.subarray(start, start + 4))
}

/** Reads an `int` in this host's byte order. */
function integerAt(bytes: Uint8Array, start: number): number {
  // Int32Array needs aligned memory, and `slice` of a Buffer would not copy.
  return new Int32Array(Uint8Array.from(bytes.subarray(start, start + 4)).buffer)[0]!
}
