import { reverse } from 'node:dns'
import { hostname } from 'node:os'
import { type Coroutine, fromCallback, type Operation } from '@greenlit/core'
import { parseNumericHost } from '../address/numeric.ts'
import { AF_INET, NI_NAMEREQD, NI_NUMERICSERV, SOCK_STREAM } from '../constants.ts'
import { attemptOS } from '../errors/attempt-os.ts'
import { gaierror, herror } from '../errors/os-error.ts'
import { type TimeoutOptions, timeLimit, within } from '../within.ts'
import { getaddrinfo } from './getaddrinfo.ts'
import { checkHost, gethostbyname, getnameinfo } from './getnameinfo.ts'

/** A host as returned by `gethostbynameEx` and `gethostbyaddr`. */
export type HostEntry = [name: string, aliases: string[], addresses: string[]]

/** The hosts for which `getfqdn` names this one. */
const UNSPECIFIED = ['', '0.0.0.0', '::']

/** The errors of reverse look-ups (h_errno), by the code of the corresponding getaddrinfo error. */
const REVERSE_ERRORS: Readonly<Record<string, readonly [number: number, strerror: string]>> = {
  EAI_NONAME: [1, 'Unknown host'],
  EAI_AGAIN: [2, 'Host name lookup failure'],
}

/**
 * Returns the name of this host (Python: socket.gethostname).
 *
 * @example
 * gethostname() // 'ada'
 */
export function gethostname(): string {
  return hostname()
}

/**
 * Returns a host with all its IPv4 addresses (Python: socket.gethostbyname_ex).
 *
 * @param host a name or address
 * @param options `timeout`: milliseconds, default unlimited
 * @throws {gaierror} if it has none
 * @example
 * const [name, aliases, addresses] = yield* gethostbynameEx('localhost')
 */
export function gethostbynameEx(host: string, options?: TimeoutOptions): Operation<HostEntry> {
  return within(timeLimit(options), allAddresses, [checkHost(host, 'gethostbynameEx')])
}

function* allAddresses(host: string): Coroutine<HostEntry> {
  const found = yield* getaddrinfo(host, 0, AF_INET, SOCK_STREAM)
  return [host, [], found.map(([, , , , address]) => address[0])]
}

/**
 * Returns the names of an address, or of a host's first IPv4 address (Python: socket.gethostbyaddr).
 *
 * @param host an address or name
 * @param options `timeout`: milliseconds, default unlimited
 * @throws {herror} if the address has no name; {gaierror} if the host has no address
 * @example
 * const [name] = yield* gethostbyaddr('127.0.0.1') // 'localhost'
 */
export function gethostbyaddr(host: string, options?: TimeoutOptions): Operation<HostEntry> {
  return within(timeLimit(options), namesOf, [checkHost(host, 'gethostbyaddr')])
}

function* namesOf(host: string): Coroutine<HostEntry> {
  const address = parseNumericHost(host)?.address ?? (yield* gethostbyname(host))
  const name = yield* nameOf(address)
  // Node's `reverse` leaves out the first name that /etc/hosts gives the address, hence the look-up above.
  const names = yield* fromCallback<string[]>((resume) => {
    reverse(address, (error, found) => resume(undefined, error === null ? found : []))
  })
  return [name, names.filter((other) => other !== name), [address]]
}

function* nameOf(address: string): Coroutine<string> {
  try {
    return (yield* getnameinfo([address, 0], NI_NAMEREQD | NI_NUMERICSERV))[0]
  } catch (error) {
    if (!(error instanceof gaierror)) throw error
    const [number, strerror] = REVERSE_ERRORS[error.code] ?? [3, 'Unknown server error']
    throw new herror(number, strerror, { cause: error })
  }
}

/**
 * Returns the fully qualified name of a host: the first of its names that contains a dot (Python: socket.getfqdn).
 *
 * @param host a name or address; default this host
 * @param options `timeout`: milliseconds, default unlimited
 * @returns the full name; failing that the first name, or `host` itself if the look-up fails
 * @example
 * yield* getfqdn() // 'ada.example.org'
 */
export function getfqdn(host = '', options?: TimeoutOptions): Operation<string> {
  checkHost(host, 'getfqdn')
  const given = host.trim()
  return within(timeLimit(options), fullName, [UNSPECIFIED.includes(given) ? hostname() : given])
}

function* fullName(host: string): Coroutine<string> {
  const found = yield* attemptOS(gethostbyaddr(host))
  if (!found.ok) return host
  const [name, aliases] = found.value
  return [name, ...aliases].find((each) => each.includes('.')) ?? name
}
