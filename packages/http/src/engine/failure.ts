import { ChunkedEncodingError } from '../errors/chunked-encoding-error.ts'
import { ConnectionError } from '../errors/connection-error.ts'
import { ProxyError } from '../errors/proxy-error.ts'
import { RequestException } from '../errors/request-exception.ts'
import { SSLError } from '../errors/ssl-error.ts'
import type { EngineRequest } from './engine.ts'

const TLS_CODES =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO$|ERR_OSSL|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE)/

/** Maps an error of the connection to the hierarchy of requests. */
export function failureOf(error: Error & { code?: unknown }, request: EngineRequest, connecting: boolean): Error {
  if (error instanceof RequestException) return error
  const { host } = request.url
  const code = typeof error.code === 'string' ? error.code : ''
  const options = { cause: error }
  if (connecting && request.proxy !== undefined && request.url.protocol === 'http:') {
    return new ProxyError(`No connection to the proxy ${request.proxy.url.host}: ${reasonOf(error)}`, options)
  }
  if (TLS_CODES.test(code)) return new SSLError(`No trusted connection to ${host}: ${reasonOf(error)}`, options)
  if (code === 'HPE_HEADER_OVERFLOW' || code === 'UND_ERR_HEADERS_OVERFLOW')
    return new ConnectionError(`The headers from ${host} are larger than 64 KiB`, options)
  if (code.startsWith('HPE_') || error.name === 'HTTPParserError' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return new ConnectionError(`The answer from ${host} is not HTTP: ${reasonOf(error)}`, options)
  return new ConnectionError(
    `${connecting ? `No connection to ${host}` : `The connection to ${host} broke`}: ${reasonOf(error)}`,
    options,
  )
}

/**
 * The message of an error, without the line end of those of OpenSSL. That of Node for several addresses, none of which could be connected
 * to, is empty: those of the addresses.
 */
export function reasonOf(error: Error & { readonly code?: unknown }): string {
  if (error.message !== '') return error.message.trimEnd()
  const reasons = error instanceof AggregateError ? error.errors.map((each: Error) => each.message) : []
  return [...new Set(reasons)].join(', ') || String(error.code ?? error.name)
}

/** Whether an error says that the server reset the connection while its response was received. */
export function isReset(error: Error): boolean {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown }
  return code === 'ECONNRESET' && syscall === 'read'
}

/** The error for a body that broke off, with its cause if known. */
export function bodyFailure(host: string, cause: (Error & { code?: unknown }) | undefined): RequestException {
  const options = cause === undefined ? {} : { cause }
  if (cause !== undefined && TLS_CODES.test(String(cause.code)))
    return new SSLError(`The body from ${host} broke off: ${reasonOf(cause)}`, options)
  return new ChunkedEncodingError(`The body from ${host} ended before it was complete`, options)
}

/** The error for an invalid status, or for one that says the connection no longer carries HTTP (101). */
export function statusFailure(host: string, status: number): RequestException {
  return new ConnectionError(
    status === 101
      ? `${host} went over to another protocol, which was not asked for`
      : `The answer from ${host} is not HTTP: a status of ${status}`,
  )
}
