import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import * as tls from 'node:tls'
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

/** Options of TLS for a host. */
export function tlsOptionsFor(host: string, settings: TlsSettings | undefined): tls.ConnectionOptions {
  // An address is no name to ask for (RFC 6066 section 3).
  return { ...tlsOptions(settings), host, servername: isIP(host) === 0 ? host : '', ALPNProtocols: ['http/1.1'] }
}

/** Begins to connect; `'connect'`, or `'secureConnect'` with TLS, tells that it is done, and `'error'` that it failed. */
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
  return tls.connect({ ...address, ...tlsOptionsFor(host, settings), ...(session === undefined ? {} : { session }) })
}
