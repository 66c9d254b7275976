import { lookupService } from 'node:dns'
import { isIP } from 'node:net'
import type { Coroutine, Operation } from '@greenlit/core'
import { fromCallback } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { checkAddress, type InetAddress, numericHost } from '../address/address.ts'
import { parseNumericHost } from '../address/numeric.ts'
import { zonedHost } from '../address/scope.ts'
import { AF_INET, AF_INET6, NI_DGRAM, NI_NAMEREQD, NI_NUMERICHOST, NI_NUMERICSERV } from '../constants.ts'
import { addressError, fromNode, osError } from '../errors/make.ts'
import { type TimeoutOptions, timeLimit, within } from '../within.ts'
import { checkFlags } from './check-flags.ts'
import { resolveName } from './current.ts'
import { serviceOf } from './services.ts'

/** The NI_* flags that glibc knows; some have no effect here. */
const FLAGS = 0xff

/**
 * Returns the host name and service name of an address and port (Python: socket.getnameinfo).
 *
 * @param address `[host, port]`, with a numeric host
 * @param flags a sum of NI_*: NI_NUMERICHOST and NI_NUMERICSERV return the host or the port in numeric form, NI_DGRAM also finds the
 * services of UDP; default 0
 * @param options `timeout`: milliseconds, default unlimited
 * @returns the host and service names; whatever has no name is returned in numeric form
 * @throws {gaierror} if the host is a name, if it has none although NI_NAMEREQD is set, and for an unknown flag; {OSError} for an IPv4
 * address with flow info or scope
 * @example
 * yield* getnameinfo(['127.0.0.1', 80], NI_NUMERICHOST) // ['127.0.0.1', 'http']
 */
export function getnameinfo(
  address: InetAddress,
  flags = 0,
  options?: TimeoutOptions,
): Operation<[host: string, service: string]> {
  const checked = checkAddress(AF_INET6, address, 'getnameinfo') as InetAddress
  checkFlags(flags, 'getnameinfo')
  return within(timeLimit(options), findNames, [checked, flags])
}

function* findNames(address: InetAddress, flags: number): Coroutine<[string, string]> {
  const [, port, ...others] = address
  if ((flags & ~FLAGS) !== 0) throw addressError('EAI_BADFLAGS')
  const parsed = parseNumericHost(zonedHost(address))
  if (parsed === undefined) throw addressError('EAI_NONAME')
  const { address: numeric, family } = parsed
  if (family === 4 && others.length > 0) throw osError('EINVAL', 'IPv4 sockaddr must be 2 tuple')
  const keepHost = (flags & NI_NUMERICHOST) !== 0
  const keepPort = (flags & NI_NUMERICSERV) !== 0
  if (keepHost && (flags & NI_NAMEREQD) !== 0) throw addressError('EAI_NONAME')
  if (keepHost && keepPort) return [numeric, String(port)]
  const [name, service] = yield* fromCallback<[string, string]>((resume) => {
    // Node cannot look up a service alone. The name of this host needs no DNS server, which might not be there.
    lookupService(keepHost ? '127.0.0.1' : numeric, port, (error, name, service) => {
      if (error === null) resume(undefined, [name, service])
      else if (keepHost || error.code === 'ENOTFOUND') resume(undefined, [numeric, serviceOf(port) ?? String(port)])
      else resume(fromNode(error))
    })
  })
  if ((flags & NI_NAMEREQD) !== 0 && name === numeric) throw addressError('EAI_NONAME')
  if (keepPort) return [name, String(port)]
  // Node looks up services of TCP only.
  const ofDatagrams = (flags & NI_DGRAM) !== 0 && service === String(port) ? serviceOf(port) : undefined
  return [keepHost ? numeric : name, ofDatagrams ?? service]
}

/**
 * Returns the first IPv4 address of a host (Python: socket.gethostbyname).
 *
 * @param host a name or address; '' is any interface
 * @param options `timeout`: milliseconds, default unlimited
 * @throws {gaierror} if it has none
 * @example
 * yield* gethostbyname('localhost') // '127.0.0.1'
 */
export function gethostbyname(host: string, options?: TimeoutOptions): Operation<string> {
  return within(timeLimit(options), firstAddress, [checkHost(host, 'gethostbyname')])
}

/** Checks that a host is a string. */
export function checkHost(host: unknown, call: string): string {
  if (typeof host === 'string') return host
  throw new TypeError(`${call}(): expected \`host\` to be a string, got ${show(host)}`)
}

function* firstAddress(host: string): Coroutine<string> {
  const numeric = numericHost(AF_INET, host)
  if (numeric === undefined) return (yield* resolveName(host, 4))[0].address
  if (isIP(numeric) !== 4) throw addressError('EAI_ADDRFAMILY')
  return numeric
}
