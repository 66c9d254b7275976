import type { Coroutine, Operation } from '@greenlit/core'
import { show, type TimeLimit } from '@greenlit/core/engine'
import { formatAddress, type InetAddress } from '../address/address.ts'
import { parseNumericHost } from '../address/numeric.ts'
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_ALL,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_STREAM,
} from '../constants.ts'
import { attemptOS } from '../errors/attempt-os.ts'
import { addressError } from '../errors/make.ts'
import { timeLimit, within } from '../within.ts'
import { checkConstant, checkFlags } from './check-flags.ts'
import { resolveName } from './current.ts'
import type { ResolvedAddress } from './resolver.ts'
import { portOf } from './services.ts'

/** One way to reach a host: the arguments for `socket` and `connect`. */
export type AddressInfo = [
  family: typeof AF_INET | typeof AF_INET6,
  type: number,
  proto: number,
  canonicalName: string,
  address: InetAddress,
]

/** Options of `getaddrinfo`. */
export interface AddressInfoOptions {
  /** AF_INET, AF_INET6, or AF_UNSPEC (default) for both. */
  family?: number | undefined
  /** SOCK_STREAM or SOCK_DGRAM; 0 (default) for both. */
  type?: number | undefined
  /** IPPROTO_TCP or IPPROTO_UDP; 0 (default) for the type's own. */
  proto?: number | undefined
  /** A sum of AI_*. Default 0. */
  flags?: number | undefined
  /** How long the look-up may take, in milliseconds from 0 up. Default unlimited. */
  timeout?: TimeLimit
}

/** The AI_* flags that glibc knows; some have no effect here. */
const FLAGS = 0x7ff

/** A decimal port as C parses it, with leading white space and a plus sign allowed; an empty string is 0. */
const NUMBER = /^([ \t-\r]*\+?\d+)?$/

const KINDS: readonly (readonly [type: number, proto: number])[] = [
  [SOCK_STREAM, IPPROTO_TCP],
  [SOCK_DGRAM, IPPROTO_UDP],
]

/**
 * Returns the addresses of a host and service (Python: socket.getaddrinfo). The canonical name is always '', as Node provides none. A
 * kill, a `timeout` or an enclosing `withTimeout` ends the wait immediately, as with all name look-ups.
 *
 * @param host a name or address; `undefined` is this host (with AI_PASSIVE, all its interfaces)
 * @param port a number, the name of a well-known service, or `undefined` for 0
 * @param family AF_INET, AF_INET6 or AF_UNSPEC, or an object with all the options
 * @returns one entry per address and socket type, in the order in which to try them
 * @throws {gaierror} for an unknown name or service, an address of another family (IPv4 with AF_INET6 needs AI_V4MAPPED), a name with
 * AI_NUMERICHOST or an unknown flag; {TypeError} or {RangeError} for an invalid host or port; {TypeError} for
 * another argument that is no whole number; {TimeoutError} when `timeout` expires
 * @example
 * for (const [family, type, proto, , address] of yield* getaddrinfo('localhost', 'http', AF_UNSPEC, SOCK_STREAM)) {
 *   if ((yield* socket(family, type, proto).connectEx(address)) === 0) break
 * }
 */
export function getaddrinfo(
  host: string | undefined,
  port: number | string | undefined,
  family?: number | AddressInfoOptions,
  type = 0,
  proto = 0,
  flags = 0,
): Operation<AddressInfo[]> {
  if (host !== undefined && host !== null && typeof host !== 'string') {
    throw new TypeError(`getaddrinfo(): expected \`host\` to be a string or undefined, got ${show(host)}`)
  }
  const given: AddressInfoOptions =
    typeof family === 'object' && family !== null ? family : { family: family ?? AF_UNSPEC, type, proto, flags }
  for (const name of ['family', 'type', 'proto'] as const) checkConstant(given[name] ?? 0, name, 'getaddrinfo')
  checkFlags(given.flags ?? 0, 'getaddrinfo')
  return within(timeLimit(given), findAddresses, [host ?? undefined, port, given])
}

function* findAddresses(
  host: string | undefined,
  service: unknown,
  { family = AF_UNSPEC, type = 0, proto = 0, flags = 0 }: AddressInfoOptions,
): Coroutine<AddressInfo[]> {
  if (family !== AF_UNSPEC && family !== AF_INET && family !== AF_INET6) throw addressError('EAI_FAMILY')
  if ((flags & ~FLAGS) !== 0) throw addressError('EAI_BADFLAGS')
  const kinds = KINDS.filter(([known, own]) => (type === 0 || type === known) && (proto === 0 || proto === own))
  if (kinds.length === 0) throw addressError('EAI_SOCKTYPE')
  if (host === undefined && (service === undefined || service === null)) throw addressError('EAI_NONAME')
  const port = checkService(service, flags)
  const found: AddressInfo[] = []
  for (const { address, family: version } of yield* addressesOf(host, family, flags)) {
    const own = version === 4 ? AF_INET : AF_INET6
    for (const [kind, protocol] of kinds)
      found.push([own, kind, protocol, '', formatAddress(own, address, port) as InetAddress])
  }
  return found
}

function checkService(service: unknown, flags: number): number {
  if (service === undefined || service === null) return 0
  if (typeof service === 'number') {
    if (!Number.isInteger(service)) {
      throw new TypeError(`getaddrinfo(): expected \`port\` to be a whole number, got ${service}`)
    }
    if (service < 0 || service > 65535) throw new RangeError(`getaddrinfo(): port must be 0-65535, got ${service}`)
    return service
  }
  if (typeof service !== 'string') {
    throw new TypeError(`getaddrinfo(): expected \`port\` to be a number, a service or undefined, got ${show(service)}`)
  }
  if (NUMBER.test(service) && Number(service) <= 65535) return Number(service)
  const port = (flags & AI_NUMERICSERV) === 0 ? portOf(service) : undefined
  if (port === undefined) throw addressError((flags & AI_NUMERICSERV) === 0 ? 'EAI_SERVICE' : 'EAI_NONAME')
  return port
}

const ANY = [
  { address: '0.0.0.0', family: 4 },
  { address: '::', family: 6 },
] as const
const LOOPBACK = [
  { address: '::1', family: 6 },
  { address: '127.0.0.1', family: 4 },
] as const

function* addressesOf(host: string | undefined, family: number, flags: number): Coroutine<readonly ResolvedAddress[]> {
  if (host === '') throw addressError('EAI_NONAME')
  if (host === undefined) {
    // The orders are those of glibc.
    const own: readonly ResolvedAddress[] = (flags & AI_PASSIVE) !== 0 ? ANY : LOOPBACK
    return own.filter((each) => family === AF_UNSPEC || family === (each.family === 4 ? AF_INET : AF_INET6))
  }
  const numeric = parseNumericHost(host)
  if (numeric !== undefined) {
    const own = numeric.family === 4 ? AF_INET : AF_INET6
    const mapped = family === AF_INET6 && own === AF_INET && (flags & AI_V4MAPPED) !== 0
    if (mapped) return [mapToIPv6(numeric)]
    if (family !== AF_UNSPEC && family !== own) throw addressError('EAI_ADDRFAMILY')
    return [numeric]
  }
  if ((flags & AI_NUMERICHOST) !== 0) throw addressError('EAI_NONAME')
  if (family === AF_INET6 && (flags & AI_V4MAPPED) !== 0) return yield* mappedAddresses(host, (flags & AI_ALL) !== 0)
  return yield* resolveName(host, family === AF_INET ? 4 : family === AF_INET6 ? 6 : 0)
}

/** Returns the IPv6 addresses of a name, and if it has none or if `all` is set, also its IPv4 addresses. */
function* mappedAddresses(host: string, all: boolean): Coroutine<readonly ResolvedAddress[]> {
  const own = yield* attemptOS(resolveName(host, 6))
  if (own.ok && !all) return own.value
  const other = yield* attemptOS(resolveName(host, 4))
  if (!own.ok && !other.ok) throw own.error
  return [...(own.ok ? own.value : []), ...(other.ok ? other.value.map(mapToIPv6) : [])]
}

function mapToIPv6({ address }: ResolvedAddress): ResolvedAddress {
  return { address: `::ffff:${address}`, family: 6 }
}
