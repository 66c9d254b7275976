import { reverse } from 'node:dns'
import { hostname } from 'node:os'
import { attempt, type Coroutine, fromCallback, type Operation } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { AF_INET, SOCK_STREAM } from '../constants.ts'
import { addressError, fromNode } from '../errors/make.ts'
import { getaddrinfo } from './getaddrinfo.ts'
import { gethostbyname } from './getnameinfo.ts'

/** A host as `gethostbynameEx` and `gethostbyaddr` tell it. */
export type HostEntry = [name: string, aliases: string[], addresses: string[]]

/** The name of this host (Python: socket.gethostname). */
export function gethostname(): string {
  return hostname()
}

/**
 * A host with all of its IPv4 addresses (Python: socket.gethostbyname_ex).
 *
 * @param host a name or address
 * @throws {gaierror} if there is none
 */
export function gethostbynameEx(host: string): Operation<HostEntry> {
  return new Call(allAddresses, [host])
}

function* allAddresses(host: string): Coroutine<HostEntry> {
  const found = yield* getaddrinfo(host, 0, AF_INET, SOCK_STREAM)
  return [host, [], found.map(([, , , , address]) => address[0])]
}

/**
 * The names of an address, or of a host's address (Python: socket.gethostbyaddr).
 *
 * @param host an address or name
 * @throws {gaierror} if it has no name
 */
export function gethostbyaddr(host: string): Operation<HostEntry> {
  return new Call(namesOf, [host])
}

function* namesOf(host: string): Coroutine<HostEntry> {
  const address = host.includes(':') ? host : yield* gethostbyname(host)
  const names = yield* fromCallback<string[]>((resume) => {
    reverse(address, (error, found) => {
      if (error !== null) resume(error.code === 'ENOTFOUND' ? addressError('EAI_NONAME') : fromNode(error))
      else resume(undefined, found)
    })
  })
  const [name, ...aliases] = names
  if (name === undefined) throw addressError('EAI_NONAME')
  return [name, aliases, [address]]
}

/**
 * The full name of a host: the first of its names with a dot in it (Python: socket.getfqdn).
 *
 * @param host a name or address; default this host
 * @returns the name, or `host` itself if there is no better one
 */
export function getfqdn(host = ''): Operation<string> {
  return new Call(fullName, [host === '' || host === '0.0.0.0' ? hostname() : host])
}

function* fullName(host: string): Coroutine<string> {
  const found = yield* attempt(gethostbyaddr(host))
  if (!found.ok) return host
  const [name, aliases] = found.value
  return [name, ...aliases].find((each) => each.includes('.')) ?? name
}
