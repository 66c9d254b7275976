import { branded } from '@greenlit/core/engine'
import { codeOf, lookUpCode } from './errno.ts'

/** Options of `OSError`. */
export interface OSErrorOptions extends ErrorOptions {
  /** The message, in place of the system's message for the code. */
  strerror?: string | undefined
}

/**
 * A failed system operation (Python: OSError, of which `socket.error` is an alias). It has the same subclasses as in Python, and as
 * there `new OSError` creates the one that belongs to the code.
 *
 * @example
 * const connected = yield* attempt(client.connect(['127.0.0.1', 9]))
 * if (!connected.ok && connected.error instanceof ConnectionRefusedError) retry()
 */
export class OSError extends /* @__PURE__ */ branded('OSError') {
  /** The name of the error, such as `ECONNREFUSED`. */
  readonly code: string
  /** The error number on Linux; `undefined` if it has none. Address errors have Python's negative numbers. */
  readonly errno: number | undefined
  /** The message without the error number. */
  readonly strerror: string

  /**
   * @param code the name of the error, or its number
   * @param options `strerror`: the message, by default the system's; `cause`. A string is taken as `strerror`
   */
  constructor(code: string | number, options: OSErrorOptions | string = {}) {
    const given = typeof options === 'string' ? { strerror: options } : options
    const name = nameOf(code)
    const known = lookUpCode(name)
    const number = known?.[0] ?? (typeof code === 'number' ? code : undefined)
    const strerror = given.strerror ?? known?.[1] ?? name
    super(number === undefined ? strerror : `[Errno ${number}] ${strerror}`, given)
    this.code = name
    this.errno = number
    this.strerror = strerror
    const create = new.target === OSError ? SUBCLASSES.get(name) : undefined
    // biome-ignore lint/correctness/noConstructorReturn: Python's OSError does the same.
    if (create !== undefined) return create(name, given)
  }
}

function nameOf(code: string | number): string {
  if (code === 'EWOULDBLOCK') return 'EAGAIN'
  return typeof code === 'number' ? (codeOf(code) ?? String(code)) : code
}

/**
 * A non-blocking call would have to block: EAGAIN, EALREADY, EINPROGRESS (Python: BlockingIOError).
 *
 * @example
 * client.setblocking(false)
 * const received = yield* attempt(client.recv(1024))
 * if (!received.ok && received.error instanceof BlockingIOError) yield* select([client], [], [])
 */
export class BlockingIOError extends /* @__PURE__ */ branded('BlockingIOError', OSError) {}

/**
 * The base class of connection errors (Python: ConnectionError).
 *
 * @example
 * const sent = yield* attempt(client.sendall('hello'))
 * if (!sent.ok && sent.error instanceof ConnectionError) client.close()
 */
export class ConnectionError extends /* @__PURE__ */ branded('ConnectionError', OSError) {}

/**
 * Writing to a connection that can no longer be written to: EPIPE, ESHUTDOWN (Python: BrokenPipeError).
 *
 * @example
 * const sent = yield* attempt(client.sendall('hello'))
 * if (!sent.ok && sent.error instanceof BrokenPipeError) console.log('it no longer listens')
 */
export class BrokenPipeError extends /* @__PURE__ */ branded('BrokenPipeError', ConnectionError) {}

/**
 * The connection was aborted: ECONNABORTED (Python: ConnectionAbortedError).
 *
 * @example
 * const received = yield* attempt(client.recv(1024))
 * if (!received.ok && received.error instanceof ConnectionAbortedError) client.close()
 */
export class ConnectionAbortedError extends /* @__PURE__ */ branded('ConnectionAbortedError', ConnectionError) {}

/**
 * Nothing is listening at the address: ECONNREFUSED (Python: ConnectionRefusedError).
 *
 * @example
 * const connected = yield* attempt(createConnection(['127.0.0.1', 9]))
 * if (!connected.ok && connected.error instanceof ConnectionRefusedError) console.log('nobody listens there')
 */
export class ConnectionRefusedError extends /* @__PURE__ */ branded('ConnectionRefusedError', ConnectionError) {}

/**
 * The peer reset the connection: ECONNRESET (Python: ConnectionResetError).
 *
 * @example
 * const received = yield* attempt(client.recv(1024))
 * if (!received.ok && received.error instanceof ConnectionResetError) console.log('the peer is gone')
 */
export class ConnectionResetError extends /* @__PURE__ */ branded('ConnectionResetError', ConnectionError) {}

/**
 * The path already exists: EEXIST (Python: FileExistsError).
 *
 * @example
 * new OSError('EEXIST') instanceof FileExistsError // true
 */
export class FileExistsError extends /* @__PURE__ */ branded('FileExistsError', OSError) {}

/**
 * There is no such path, including that of a unix socket: ENOENT (Python: FileNotFoundError).
 *
 * @example
 * const connected = yield* attempt(createConnection('/run/no-such.sock'))
 * if (!connected.ok && connected.error instanceof FileNotFoundError) console.log('the server is not running')
 */
export class FileNotFoundError extends /* @__PURE__ */ branded('FileNotFoundError', OSError) {}

/**
 * A signal interrupted a system call: EINTR (Python: InterruptedError).
 *
 * @example
 * new OSError('EINTR') instanceof InterruptedError // true
 */
export class InterruptedError extends /* @__PURE__ */ branded('InterruptedError', OSError) {}

/**
 * The path is a directory: EISDIR (Python: IsADirectoryError).
 *
 * @example
 * new OSError('EISDIR') instanceof IsADirectoryError // true
 */
export class IsADirectoryError extends /* @__PURE__ */ branded('IsADirectoryError', OSError) {}

/**
 * The path, or part of it, is not a directory: ENOTDIR (Python: NotADirectoryError).
 *
 * @example
 * new OSError('ENOTDIR') instanceof NotADirectoryError // true
 */
export class NotADirectoryError extends /* @__PURE__ */ branded('NotADirectoryError', OSError) {}

/**
 * Permission was denied: EACCES, EPERM (Python: PermissionError).
 *
 * @example
 * const listening = yield* attempt(createServer(['127.0.0.1', 80]))
 * if (!listening.ok && listening.error instanceof PermissionError) console.log('ports below 1024 need root')
 */
export class PermissionError extends /* @__PURE__ */ branded('PermissionError', OSError) {}

/**
 * A socket call timed out: because of the socket's timeout, with the message 'timed out' and no errno, or in the system, with errno
 * 110 (Python: TimeoutError, of which `socket.timeout` is an alias). It is an ordinary error that `attempt` catches, unlike a
 * `Timeout`.
 *
 * @example
 * const received = yield* attempt(client.recv(1024, { timeout: 5_000 }))
 * if (!received.ok && received.error instanceof TimeoutError) console.log('nothing came')
 */
export class TimeoutError extends /* @__PURE__ */ branded('TimeoutError', OSError) {
  /** @param message a message without an error number; by default that of ETIMEDOUT */
  constructor(message?: string, options: ErrorOptions = {}) {
    super('ETIMEDOUT', options)
    if (message === undefined) return
    this.message = message
    Object.assign(this, { errno: undefined, strerror: message })
  }
}

type Subclass = (code: string, options: OSErrorOptions) => OSError

const blocking: Subclass = (code, options) => new BlockingIOError(code, options)
const brokenPipe: Subclass = (code, options) => new BrokenPipeError(code, options)
const permission: Subclass = (code, options) => new PermissionError(code, options)

/** Creates the errors of the codes that have a class of their own. */
export const SUBCLASSES: ReadonlyMap<string, Subclass> = /* @__PURE__ */ new Map(
  Object.entries<Subclass>({
    EAGAIN: blocking,
    EALREADY: blocking,
    EINPROGRESS: blocking,
    EPIPE: brokenPipe,
    ESHUTDOWN: brokenPipe,
    ECONNABORTED: (code, options) => new ConnectionAbortedError(code, options),
    ECONNREFUSED: (code, options) => new ConnectionRefusedError(code, options),
    ECONNRESET: (code, options) => new ConnectionResetError(code, options),
    EEXIST: (code, options) => new FileExistsError(code, options),
    ENOENT: (code, options) => new FileNotFoundError(code, options),
    EINTR: (code, options) => new InterruptedError(code, options),
    EISDIR: (code, options) => new IsADirectoryError(code, options),
    ENOTDIR: (code, options) => new NotADirectoryError(code, options),
    EACCES: permission,
    EPERM: permission,
    ETIMEDOUT: (_code, options) => new TimeoutError(undefined, options),
  }),
)

/**
 * Name resolution failed, in either direction; `errno` is one of EAI_* (Python: socket.gaierror).
 *
 * @example
 * const found = yield* attempt(getaddrinfo('no-such-host.invalid', 80))
 * if (!found.ok && found.error instanceof gaierror) console.log(found.error.errno === EAI_NONAME)
 */
export class gaierror extends /* @__PURE__ */ branded('gaierror', OSError) {
  /**
   * @param code the name of the error, such as `EAI_NONAME`
   * @param number the error number, below 0
   * @param strerror the message without the error number
   */
  constructor(code: string, number: number, strerror: string, options: ErrorOptions = {}) {
    super(code, { ...options, strerror })
    Object.assign(this, { errno: number })
    this.message = `[Errno ${number}] ${strerror}`
  }
}

/**
 * A lookup by address failed (Python: socket.herror).
 *
 * @example
 * const found = yield* attempt(gethostbyaddr('192.0.2.1'))
 * if (!found.ok && found.error instanceof herror) console.log('it has no name')
 */
export class herror extends /* @__PURE__ */ branded('herror', OSError) {
  /**
   * @param number the error number, such as 1 for an unknown host
   * @param strerror the message without the error number
   */
  constructor(number: number, strerror: string, options: ErrorOptions = {}) {
    super('HOST_NOT_FOUND', { ...options, strerror })
    Object.assign(this, { errno: number })
    this.message = `[Errno ${number}] ${strerror}`
  }
}
