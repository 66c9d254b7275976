import { branded } from '@greenlit/core/engine'

/** What Linux calls the failures that this package meets: number and words, as Python shows them. */
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
 * A failed operation of the system (Python: OSError). It counts as the `OSError` of `@greenlit/net` too.
 *
 * @example
 * if (error instanceof OSError && error.code === 'EPIPE') return
 */
export class OSError extends /* @__PURE__ */ branded('OSError') {
  /** The name of the failure, as `ENOENT`. */
  readonly code: string
  /** Its number on Linux; `undefined` if it has none. */
  readonly errno: number | undefined
  /** What it means, in words. */
  readonly strerror: string
  /** The file that it is about, if it is about one. */
  readonly filename: string | undefined

  /**
   * @param code the name of the failure
   * @param options `strerror`: words in place of the usual ones; `filename`: the file that it is about; `cause`
   */
  constructor(code: string, options: { strerror?: string; filename?: string; cause?: unknown } = {}) {
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

/** ENOENT: no such file, also no such program (Python: FileNotFoundError). */
export class FileNotFoundError extends /* @__PURE__ */ branded('FileNotFoundError', OSError) {}

/** ENOTDIR: a path goes through a file, or a folder is one (Python: NotADirectoryError). */
export class NotADirectoryError extends /* @__PURE__ */ branded('NotADirectoryError', OSError) {}

/** EACCES, EPERM (Python: PermissionError). */
export class PermissionError extends /* @__PURE__ */ branded('PermissionError', OSError) {}

/** Written to what nobody can read any more (Python: BrokenPipeError). */
export class BrokenPipeError extends /* @__PURE__ */ branded('BrokenPipeError', OSError) {}

/** The `OSError` for a code, of the class that Python gives it. */
export function osError(
  code: string,
  options: { strerror?: string; filename?: string; cause?: unknown } = {},
): OSError {
  if (code === 'ENOENT') return new FileNotFoundError(code, options)
  if (code === 'ENOTDIR') return new NotADirectoryError(code, options)
  if (code === 'EACCES' || code === 'EPERM') return new PermissionError(code, options)
  if (code === 'EPIPE') return new BrokenPipeError(code, options)
  return new OSError(code, options)
}
