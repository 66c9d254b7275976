import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { SSLError } from '../errors/ssl-error.ts'
import { carefulLookup } from './careful-lookup.ts'
import type { TlsSettings } from './engine.ts'
import { tlsOptions } from './node-options.ts'

/** The host to connect to, and how. */
export interface Destination {
  /** A host name or an IP address, without brackets. */
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  readonly tls: TlsSettings | undefined
  readonly lookup: LookupFunction | undefined
  /** A TLS session to resume. */
  readonly session?: Buffer | undefined
}

/** How long a connection may be idle before the system sends TCP keep-alive probes, in milliseconds. */
const KEEP_ALIVE_DELAY = 1000
/**
 * How long to try one of several addresses before the next one, in milliseconds. Node's default of 250 gives up on hosts that are
 * merely far away.
 */
export const ATTEMPT_TIMEOUT = 1000

/**
 * Starts a TLS handshake with a host, on a given socket or on a new one.
 *
 * @throws {SSLError} if the certificates in the settings are invalid
 */
export function startTls(host: string, settings: TlsSettings | undefined, options: ConnectionOptions): TLSSocket {
  // The server name must not be an IP address, nor have a trailing dot (RFC 6066 section 3).
  const servername = isIP(host) === 0 ? host.replace(/\.$/, '') : ''
  // Loaded with the first secure connection, as it is large.
  const tls = process.getBuiltinModule('node:tls')
  try {
    return tls.connect({ ...options, ...tlsOptions(settings), host, servername, ALPNProtocols: ['http/1.1'] })
  } catch (cause) {
    throw new SSLError(`No trusted connection to ${host}: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Starts to connect. The socket emits `'connect'`, or `'secureConnect'` with TLS, when it is connected, and `'error'` if that fails.
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
    autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT,
    ...(lookup === undefined ? {} : { lookup: carefulLookup(lookup) }),
  }
  if (!isSecure) return connect(address)
  return startTls(host, settings, { ...address, ...(session === undefined ? {} : { session }) })
}
