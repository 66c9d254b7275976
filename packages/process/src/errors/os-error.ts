import { branded } from '@greenlit/core/engine'

/** The Linux errors that this package meets, with their numbers and messages as Python shows them. */
const KNOWN: Readonly<Record<string, readonly [number, string]>> = {
  EPERM: [1, 'Operation not permitted'],
  ENOENT: [2, 'No such file or directory'],
  E2BIG: [7, 'Argument list too long'],
  ENOEXEC: [8, 'Exec format error'],
  EBADF: [9, 'Bad file descriptor'],
  EAGAIN: [11, 'Resource temporarily unavailable'],
  ENOMEM: [12, 'Cannot allocate memory'],
  EACCES: [13, 'Permission denied'],
  ENOTDIR: [20, 'Not a directory'],
  EINVAL: [22, 'Invalid argument'],
  ENFILE: [23, 'Too many open files in system'],
  EMFILE: [24, 'Too many open files'],
  ETXTBSY: [26, 'Text file busy'],
  EPIPE: [32, 'Broken pipe'],
  ENAMETOOLONG: [36, 'File name too long'],
  ELOOP: [40, 'Too many levels of symbolic links'],
}

/**
 * A failed system call (Python: OSError). It is also an instance of the `OSError` of `@greenlit/net`.
 *
 * @example
 * if (error instanceof OSError && error.code === 'EPIPE') return
 */
export class OSError extends /* @__PURE__ */ branded('OSError') {
  /** The name of the error, such as `ENOENT`. */
  readonly code: string
  /** Its number on Linux; `undefined` if it has none. */
  readonly errno: number | undefined
  /** Its message. */
  readonly strerror: string
  /** The file concerned, if any. */
  readonly filename: string | undefined

  /**
   * @param code the name of the error
   * @param options `strerror`: a message instead of the usual one; `filename`: the file concerned; `cause`
   */
  constructor(
    code: string,
    options: { strerror?: string | undefined; filename?: string | undefined; cause?: unknown } = {},
  ) {
    const known = KNOWN[code]
    const strerror = options.strerror ?? known?.[1] ?? code
    const about = options.filename === undefined ? '' : `: '${options.filename}'`
    const text = known === undefined || options.strerror !== undefined ? strerror : `[Errno ${known[0]}] ${strerror}`
    super(`${text}${about}`, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.errno = known?.[0]
    this.strerror = strerror
    this.filename = options.filename
  }
}

/**
 * ENOENT: no such file, or no such program (Python: FileNotFoundError).
 *
 * @example
 * try {
 *   new Popen(['no-such-program'])
 * } catch (error) {
 *   if (error instanceof FileNotFoundError) console.log(error.message)
 * }
 */
export class FileNotFoundError extends /* @__PURE__ */ branded('FileNotFoundError', OSError) {}

/**
 * ENOTDIR: a component of a path is not a directory (Python: NotADirectoryError).
 *
 * @example
 * try {
 *   new Popen(['ls'], { cwd: '/etc/hosts' })
 * } catch (error) {
 *   if (error instanceof NotADirectoryError) console.log(error.message)
 * }
 */
export class NotADirectoryError extends /* @__PURE__ */ branded('NotADirectoryError', OSError) {}

/**
 * EACCES or EPERM (Python: PermissionError).
 *
 * @example
 * try {
 *   new Popen(['./not-executable'])
 * } catch (error) {
 *   if (error instanceof PermissionError) console.log(error.message)
 * }
 */
export class PermissionError extends /* @__PURE__ */ branded('PermissionError', OSError) {}

/**
 * EPIPE: a write to a pipe that nobody can read any more (Python: BrokenPipeError).
 *
 * @example
 * const written = yield* attempt(sorter.stdin!.write('b\n'))
 * if (!written.ok && written.error instanceof BrokenPipeError) console.log('it reads no more')
 */
export class BrokenPipeError extends /* @__PURE__ */ branded('BrokenPipeError', OSError) {}

/** Makes the `OSError` for a code, of the class that Python uses for it. */
export function osError(
  code: string,
  options: { strerror?: string | undefined; filename?: string | undefined; cause?: unknown } = {},
): OSError {
  if (code === 'ENOENT') return new FileNotFoundError(code, options)
  if (code === 'ENOTDIR') return new NotADirectoryError(code, options)
  if (code === 'EACCES' || code === 'EPERM') return new PermissionError(code, options)
  if (code === 'EPIPE') return new BrokenPipeError(code, options)
  return new OSError(code, options)
}
