import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import * as tls from 'node:tls'
import { SSLError } from '../errors/ssl-error.ts'
import type { TlsSettings } from './engine.ts'
import { tlsOptions } from './node-options.ts'

/** What to connect to, and how. */
export interface Destination {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  readonly tls: TlsSettings | undefined
  readonly lookup: LookupFunction | undefined
  /** A TLS session to take up again. */
  readonly session?: Buffer | undefined
}

/** How long a connection may be silent before the system asks whether anyone is there, in milliseconds. */
const KEEP_ALIVE_DELAY = 1000

/**
 * Begins TLS with a host, on a socket or on one that it makes.
 *
 * @throws {SSLError} if the certificates of the settings are none
 */
export function startTls(
  host: string,
  settings: TlsSettings | undefined,
  options: tls.ConnectionOptions,
): tls.TLSSocket {
  // An address is no name to ask for, and the dot at the end of a name is none of it (RFC 6066 section 3).
  const servername = isIP(host) === 0 ? host.replace(/\.$/, '') : ''
  try {
    return tls.connect({ ...options, ...tlsOptions(settings), host, servername, ALPNProtocols: ['http/1.1'] })
  } catch (cause) {
    throw new SSLError(`No trusted connection to ${host}: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Begins to connect; `'connect'`, or `'secureConnect'` with TLS, tells that it is done, and `'error'` that it failed.
 *
 * @throws {SSLError} see `startTls`
 */
export function openSocket({ host, port, isSecure, tls: settings, lookup, session }: Destination): Socket {
  const address = {
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY,
    ...(lookup === undefined ? {} : { lookup }),
  }
  if (!isSecure) return connect(address)
  return startTls(host, settings, { ...address, ...(session === undefined ? {} : { session }) })
}
