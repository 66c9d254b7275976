import { ConcurrentObjectUseError } from '@greenlit/core'
import { type ErrorCode, lookUpCode } from './errno.ts'
import { gaierror, OSError, type OSErrorOptions, SUBCLASSES, TimeoutError } from './os-error.ts'
import { sslError } from './ssl-error.ts'

/** Creates the `OSError` for a code, of the subclass that Python uses for it. */
export function osError(code: ErrorCode, strerror?: string, cause?: unknown): OSError {
  const options: OSErrorOptions = {}
  if (strerror !== undefined) options.strerror = strerror
  if (cause !== undefined) options.cause = cause
  return SUBCLASSES.get(code)?.(code, options) ?? new OSError(code, options)
}

/** Appends context to the message of a system error, with the original as `cause`; returns any other error unchanged. */
export function withContext(error: unknown, words: string): unknown {
  if (!(error instanceof OSError) || lookUpCode(error.code) === undefined) return error
  return osError(error.code as ErrorCode, `${error.strerror}: ${words}`, error)
}

/** Creates the error of a call that timed out. */
export function timedOut(): TimeoutError {
  return new TimeoutError('timed out')
}

/** Creates the error of a waiting call whose socket another greenlet has closed. */
export function closedElsewhere(): OSError {
  return osError('EBADF', 'File descriptor was closed in another greenlet')
}

/** Creates the error of a second concurrent reader. */
export function inUse(): ConcurrentObjectUseError {
  return new ConcurrentObjectUseError('This socket is already used by another greenlet: only one may read at a time')
}

const ADDRESS_ERRORS: Readonly<Record<string, readonly [string, number, string]>> = {
  ENOTFOUND: ['EAI_NONAME', -2, 'Name or service not known'],
  ENODATA: ['EAI_NODATA', -5, 'No address associated with hostname'],
  EAI_NONAME: ['EAI_NONAME', -2, 'Name or service not known'],
  EAI_NODATA: ['EAI_NODATA', -5, 'No address associated with hostname'],
  EAI_AGAIN: ['EAI_AGAIN', -3, 'Temporary failure in name resolution'],
  ETIMEOUT: ['EAI_AGAIN', -3, 'Temporary failure in name resolution'],
  ESERVFAIL: ['EAI_AGAIN', -3, 'Temporary failure in name resolution'],
  EAI_FAIL: ['EAI_FAIL', -4, 'Non-recoverable failure in name resolution'],
  EAI_FAMILY: ['EAI_FAMILY', -6, 'ai_family not supported'],
  EAI_SOCKTYPE: ['EAI_SOCKTYPE', -7, 'ai_socktype not supported'],
  EAI_SERVICE: ['EAI_SERVICE', -8, 'Servname not supported for ai_socktype'],
  EAI_ADDRFAMILY: ['EAI_ADDRFAMILY', -9, 'Address family for hostname not supported'],
  EAI_BADFLAGS: ['EAI_BADFLAGS', -1, 'Bad value for ai_flags'],
}

/** Creates the `gaierror` for a code from getaddrinfo or Node's resolver. */
export function addressError(code: string, cause?: unknown): gaierror {
  const [name, number, words] = ADDRESS_ERRORS[code] ?? ADDRESS_ERRORS.EAI_FAIL!
  return new gaierror(name, number, words, cause === undefined ? {} : { cause })
}

/** Codes that Node uses in place of the system's. */
const SYNONYMS: Readonly<Record<string, ErrorCode>> = {
  ERR_STREAM_DESTROYED: 'EPIPE',
  ERR_STREAM_WRITE_AFTER_END: 'EPIPE',
  // TLS over a memory transport reports this for bytes that the peer no longer takes.
  ECANCELED: 'EPIPE',
  ERR_SOCKET_CLOSED: 'EBADF',
  ERR_SOCKET_DGRAM_NOT_RUNNING: 'EBADF',
  ERR_SOCKET_BAD_PORT: 'EINVAL',
  ENOTSUP: 'EOPNOTSUPP',
}

/** Translates a Node error to Python's, with the original as `cause`. An error that is not a system error is returned unchanged. */
export function fromNode(error: unknown): Error {
  if (error instanceof OSError) return error
  const { code } = error as { code?: unknown }
  if (typeof code === 'string') {
    const tls = sslError(error)
    if (tls !== undefined) return tls
    const known = SYNONYMS[code] ?? code
    if (lookUpCode(known) !== undefined) return osError(known as ErrorCode, undefined, error)
    if (ADDRESS_ERRORS[code] !== undefined) return addressError(code, error)
  }
  return error instanceof Error ? error : new Error(String(error), { cause: error })
}
