import { isIPv6 } from 'node:net'
import { show } from '@greenlit/core/engine'
import { type Address, checkAddress, type InetAddress } from '../address/address.ts'
import { AF_INET, AF_INET6, AF_UNIX } from '../constants.ts'
import type { Socket } from '../socket/socket.ts'

/** Where a server listens: `[host, port]`, a port, 'host:port', a path, or a bound socket. */
export type ListenerOption = Address | number | Socket

/** The type of a server's address: a path is possible only if it listens at a string, or at a socket of any family. */
export type AddressOf<L extends ListenerOption> = L extends string
  ? Address
  : L extends Socket
    ? ReturnType<L['getsockname']>
    : InetAddress

/** A parsed `ListenerOption` that is not a socket. */
export interface ListenerAddress {
  readonly family: number
  readonly address: Address
}

/**
 * Parses the address a server is to listen on (gevent: parse_address): `[host, port]`, 'host:port', ':port', a port, a path that
 * contains a '/', or an abstract name. Without a host, the server listens on all interfaces of both families.
 *
 * @throws {TypeError} for anything else; {RangeError} for a bad port
 */
export function parseListener(listener: unknown): ListenerAddress {
  if (Array.isArray(listener)) return inet(listener as unknown as readonly unknown[])
  if (typeof listener === 'number') return inet(['', listener])
  if (typeof listener !== 'string') {
    throw new TypeError(
      `Expected \`listener\` to be [host, port], a port, 'host:port', a path or a socket, got ${show(listener)}`,
    )
  }
  if (listener.includes('/') || listener.startsWith('\0')) {
    return { family: AF_UNIX, address: checkAddress(AF_UNIX, listener, 'listener') }
  }
  const colon = listener.lastIndexOf(':')
  const port = listener.slice(colon + 1)
  if (!/^\d+$/.test(port)) throw new RangeError(`Expected \`listener\` to end in a port, got ${show(listener)}`)
  const host = colon === -1 ? '' : listener.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return inet([host === '*' ? '' : host, Number(port)])
}

/** The address at which a server starts again: where port 0 was asked for, the port it had the last time. */
export function atSamePort(listenAddress: ListenerAddress, last: Address): ListenerAddress {
  const { family, address } = listenAddress
  if (typeof address === 'string' || typeof last === 'string' || address[1] !== 0) return listenAddress
  const [host, , ...scope] = address
  return { family, address: [host, last[1], ...scope] as Address }
}

function inet(address: readonly unknown[]): ListenerAddress {
  const [host] = address
  const six = host === '' || (typeof host === 'string' && isIPv6(host)) || address.length > 2
  const family = six ? AF_INET6 : AF_INET
  return { family, address: checkAddress(family, address, 'listener') }
}
