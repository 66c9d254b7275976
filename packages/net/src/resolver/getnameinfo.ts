import { lookupService } from 'node:dns'
import { isIP } from 'node:net'
import type { Coroutine, Operation } from '@greenlit/core'
import { fromCallback } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { checkAddress, type InetAddress } from '../address/address.ts'
import { AF_INET6, NI_NAMEREQD, NI_NUMERICHOST, NI_NUMERICSERV } from '../constants.ts'
import { addressError, fromNode } from '../errors/make.ts'
import { getResolver } from './current.ts'

/**
 * Finds the names of an address and a port (Python: socket.getnameinfo).
 *
 * @param address `[host, port]`
 * @param flags a sum of NI_*: NI_NUMERICHOST and NI_NUMERICSERV leave numbers as they are; default 0
 * @returns the host's name and the service's; what has no name stays a number
 * @throws {gaierror} if the host cannot be looked up, or has no name with NI_NAMEREQD
 */
export function getnameinfo(address: InetAddress, flags = 0): Operation<[host: string, service: string]> {
  const checked = checkAddress(AF_INET6, address, 'getnameinfo') as InetAddress
  return new Call(findNames, [checked, flags])
}

function* findNames([host, port]: InetAddress, flags: number): Coroutine<[string, string]> {
  const numeric = isIP(host) !== 0 ? host : (yield* getResolver().resolve(host, 0))[0]!.address
  const keepHost = (flags & NI_NUMERICHOST) !== 0
  const keepPort = (flags & NI_NUMERICSERV) !== 0
  if (keepHost && keepPort) return [numeric, String(port)]
  const [name, service] = yield* fromCallback<[string, string]>((resume) => {
    lookupService(numeric, port, (error, name, service) => {
      if (error === null) resume(undefined, [name, service])
      else if (error.code === 'ENOTFOUND' && (flags & NI_NAMEREQD) === 0) resume(undefined, [numeric, String(port)])
      else resume(fromNode(error))
    })
  })
  if ((flags & NI_NAMEREQD) !== 0 && name === numeric) throw addressError('EAI_NONAME')
  return [keepHost ? numeric : name, keepPort ? String(port) : service]
}

/**
 * The first IPv4 address of a host (Python: socket.gethostbyname).
 *
 * @param host a name or address; '' is any interface
 * @throws {gaierror} if there is none
 */
export function gethostbyname(host: string): Operation<string> {
  return new Call(firstAddress, [host])
}

function* firstAddress(host: string): Coroutine<string> {
  if (host === '') return '0.0.0.0'
  const version = isIP(host)
  if (version === 6) throw addressError('EAI_ADDRFAMILY')
  return version === 4 ? host : (yield* getResolver().resolve(host, 4))[0]!.address
}
