import { branded } from '@greenlit/core/engine'
import { lookUpCode } from './errno.ts'

/** What goes with an `OSError` beside its words. */
export interface OSErrorOptions extends ErrorOptions {
  /** The words in place of the usual ones for the code. */
  strerror?: string
}

/**
 * A failed operation of the system (Python: OSError; `socket.error` is the same). Each kind that Python names is a subclass.
 *
 * @example
 * const connected = yield* attempt(client.connect(['127.0.0.1', 9]))
 * if (!connected.ok && connected.error instanceof ConnectionRefusedError) retry()
 */
export class OSError extends /* @__PURE__ */ branded('OSError') {
  /** The name of the failure, as `ECONNREFUSED`. */
  readonly code: string
  /** Its number on Linux, above 0; `undefined` if it has none. Address errors have Python's negative ones. */
  readonly errno: number | undefined
  /** What it means, in words. */
  readonly strerror: string

  /**
   * @param code the name of the failure
   * @param options `strerror`: the words, by default the system's; `cause`
   */
  constructor(code: string, options: OSErrorOptions = {}) {
    const known = lookUpCode(code)
    const strerror = options.strerror ?? known?.[1] ?? code
    super(known === undefined ? strerror : `[Errno ${known[0]}] ${strerror}`, options)
    this.code = code
    this.errno = known?.[0]
    this.strerror = strerror
  }
}

/** The call would have to wait and may not: EAGAIN, EALREADY, EINPROGRESS (Python: BlockingIOError). */
export class BlockingIOError extends /* @__PURE__ */ branded('BlockingIOError', OSError) {}

/** What the connection errors have in common (Python: ConnectionError). */
export class ConnectionError extends /* @__PURE__ */ branded('ConnectionError', OSError) {}

/** Written to what nobody can read any more: EPIPE, ESHUTDOWN (Python: BrokenPipeError). */
export class BrokenPipeError extends /* @__PURE__ */ branded('BrokenPipeError', ConnectionError) {}

/** ECONNABORTED (Python: ConnectionAbortedError). */
export class ConnectionAbortedError extends /* @__PURE__ */ branded('ConnectionAbortedError', ConnectionError) {}

/** Nobody listens there: ECONNREFUSED (Python: ConnectionRefusedError). */
export class ConnectionRefusedError extends /* @__PURE__ */ branded('ConnectionRefusedError', ConnectionError) {}

/** The peer broke the connection: ECONNRESET (Python: ConnectionResetError). */
export class ConnectionResetError extends /* @__PURE__ */ branded('ConnectionResetError', ConnectionError) {}

/** EEXIST (Python: FileExistsError). */
export class FileExistsError extends /* @__PURE__ */ branded('FileExistsError', OSError) {}

/** ENOENT: no such path, also that of a unix socket (Python: FileNotFoundError). */
export class FileNotFoundError extends /* @__PURE__ */ branded('FileNotFoundError', OSError) {}

/** EINTR (Python: InterruptedError). */
export class InterruptedError extends /* @__PURE__ */ branded('InterruptedError', OSError) {}

/** EISDIR (Python: IsADirectoryError). */
export class IsADirectoryError extends /* @__PURE__ */ branded('IsADirectoryError', OSError) {}

/** ENOTDIR (Python: NotADirectoryError). */
export class NotADirectoryError extends /* @__PURE__ */ branded('NotADirectoryError', OSError) {}

/** EACCES, EPERM (Python: PermissionError). */
export class PermissionError extends /* @__PURE__ */ branded('PermissionError', OSError) {}

/**
 * A socket's own time was over, with the words 'timed out' and no errno, or the system's was, with 110 (Python: TimeoutError;
 * `socket.timeout` is the same). It is an ordinary error that `attempt` catches, unlike a `Timeout`.
 */
export class TimeoutError extends /* @__PURE__ */ branded('TimeoutError', OSError) {
  /** @param message words of its own, without a number; by default those of ETIMEDOUT */
  constructor(message?: string, options: ErrorOptions = {}) {
    super('ETIMEDOUT', options)
    if (message === undefined) return
    this.message = message
    Object.assign(this, { errno: undefined, strerror: message })
  }
}

/** No address for a name, or no name for an address: `errno` is one of the EAI numbers (Python: socket.gaierror). */
export class gaierror extends /* @__PURE__ */ branded('gaierror', OSError) {
  /**
   * @param code the name of the failure, as `EAI_NONAME`
   * @param number its number, below 0
   * @param strerror what it means
   */
  constructor(code: string, number: number, strerror: string, options: ErrorOptions = {}) {
    super(code, { ...options, strerror })
    Object.assign(this, { errno: number })
    this.message = `[Errno ${number}] ${strerror}`
  }
}

/** A look-up by address failed (Python: socket.herror). */
export class herror extends /* @__PURE__ */ branded('herror', OSError) {
  /**
   * @param number its number, as 1 for an unknown host
   * @param strerror what it means
   */
  constructor(number: number, strerror: string, options: ErrorOptions = {}) {
    super('HOST_NOT_FOUND', { ...options, strerror })
    Object.assign(this, { errno: number })
    this.message = `[Errno ${number}] ${strerror}`
  }
}
