import type { AgentOptions } from 'node:https'
import type { TlsSettings } from './engine.ts'

/** The host of a URL as Node takes it: an IPv6 address without brackets. */
export function bareHost(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
}

/** The port of a URL, or the default port of its scheme. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? 443 : 80
}

/** The trusted certificates as Node's options. */
export function trustOptions(tls: TlsSettings | undefined): AgentOptions {
  if (tls === undefined) return {}
  const options: AgentOptions = { rejectUnauthorized: tls.rejectUnauthorized }
  if (tls.ca !== undefined) options.ca = asBuffer(tls.ca)
  return options
}

/** TLS settings as Node's options: the trusted certificates and the client's own. */
export function tlsOptions(tls: TlsSettings | undefined): AgentOptions {
  if (tls === undefined) return {}
  const options = trustOptions(tls)
  if (tls.cert !== undefined) options.cert = asBuffer(tls.cert)
  if (tls.key !== undefined) options.key = asBuffer(tls.key)
  return options
}

function asBuffer(bytes: string | Uint8Array): string | Buffer {
  return typeof bytes === 'string' ? bytes : Buffer.from(bytes)
}
