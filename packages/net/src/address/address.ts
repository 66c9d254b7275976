import { isIP } from 'node:net'
import { show } from '@greenlit/core/engine'
import { AF_INET, AF_INET6, AF_UNIX } from '../constants.ts'
import { OSError } from '../errors/os-error.ts'
import type { AddressFamily } from './family.ts'
import { scopeOf } from './scope.ts'

/** The address of an internet socket: host and port; for AF_INET6 optionally also flow information and scope id. */
export type InetAddress = readonly [host: string, port: number, flowInfo?: number, scopeId?: number]
/** The address of a socket: an `InetAddress`, or a path for AF_UNIX (an abstract name starts with `\0`; '' is nameless). */
export type Address = InetAddress | string

/** An address as calls take it: a path may also be given as UTF-8 bytes. */
export type AddressLike = Address | Uint8Array

const MAX_PATH_LENGTH = 107

/**
 * Validates an address up front.
 *
 * @param call the name of the call, for the message
 * @throws {TypeError} if the address does not have the family's shape; {RangeError} for a port outside 0 to 65535; {OSError} for a
 * path that is too long
 */
export function checkAddress(family: AddressFamily, address: unknown, call: string): Address {
  if (family === AF_UNIX) return checkPath(address, call)
  const name = family === AF_INET ? 'AF_INET' : 'AF_INET6'
  const maxLength = family === AF_INET ? 2 : 4
  if (!Array.isArray(address) || address.length < 2 || address.length > maxLength) {
    throw new TypeError(`${call}(): ${name} address must be [host, port], got ${show(address)}`)
  }
  const [host, port] = address as unknown[]
  if (typeof host !== 'string') {
    throw new TypeError(`${call}(): expected the host of an ${name} address to be a string, got ${show(host)}`)
  }
  checkPort(port, call)
  const [, , flowInfo = 0, scopeId = 0] = address as unknown[]
  checkNumber(flowInfo, 0xfffff, 'flow information', call)
  checkNumber(scopeId, 0xffffffff, 'scope', call)
  return address as unknown as InetAddress
}

function checkNumber(value: unknown, max: number, what: string, call: string): void {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max) return
  throw new RangeError(`${call}(): expected the ${what} to be a whole number from 0 to ${max}, got ${show(value)}`)
}

/** Validates a port number. */
export function checkPort(port: unknown, call: string): void {
  if (typeof port !== 'number' || !Number.isInteger(port)) {
    throw new TypeError(`${call}(): expected the port to be a whole number, got ${show(port)}`)
  }
  if (port < 0 || port > 65535) throw new RangeError(`${call}(): port must be 0-65535, got ${port}`)
}

function checkPath(given: unknown, call: string): string {
  const address = given instanceof Uint8Array ? pathIn(given, call) : given
  if (typeof address !== 'string') {
    throw new TypeError(`${call}(): AF_UNIX address must be a path as a string, got ${show(address)}`)
  }
  const length = Buffer.byteLength(address)
  const abstract = address.startsWith('\0')
  if (length > MAX_PATH_LENGTH + (abstract ? 1 : 0)) {
    throw new OSError('ENAMETOOLONG', { strerror: 'AF_UNIX path too long' })
  }
  if (!abstract && address.includes('\0')) throw new RangeError(`${call}(): embedded null character in AF_UNIX path`)
  return address
}

/** Refuses the empty path as a destination: it is the address of a unix socket without a name. */
export function checkDestination(address: Address): void {
  if (address === '') throw new OSError('EINVAL')
}

/** Decodes a path given as bytes, as Python programs often write abstract names. */
function pathIn(bytes: Uint8Array, call: string): string {
  const path = Buffer.from(bytes).toString()
  if (Buffer.from(path).equals(bytes)) return path
  throw new RangeError(`${call}(): Node takes only paths in UTF-8, got ${show(bytes)}`)
}

/** Returns the numeric form of a host, also of '' and '<broadcast>', or `undefined` if it is a name to resolve. */
export function numericHost(family: AddressFamily, host: string): string | undefined {
  if (host === '') return family === AF_INET6 ? '::' : '0.0.0.0'
  if (host === '<broadcast>') return '255.255.255.255'
  return isIP(host.replace(/%.*$/, '')) === 0 ? undefined : host
}

/** Returns an address in the form Python uses: four elements for IPv6. */
export function formatAddress(family: AddressFamily, host: string, port: number): Address {
  if (family !== AF_INET6) return [host, port]
  const percent = host.indexOf('%')
  const scope = percent < 0 ? 0 : scopeOf(host.slice(percent + 1))
  return [scope === 0 ? host : host.slice(0, percent), port, 0, scope]
}

/** Returns an address as text, in the form that servers also accept: `host:port`, or a path. */
export function showAddress(address: Address): string {
  if (typeof address === 'string') return address.replace('\0', '@')
  const [host, port] = address
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Returns the address that an unbound socket reports. */
export function unboundAddress(family: AddressFamily): Address {
  if (family === AF_UNIX) return ''
  return family === AF_INET ? ['0.0.0.0', 0] : ['::', 0, 0, 0]
}
