import { branded } from '@greenlit/core/engine'

/** A file could not be read. Counts as net's `OSError` without loading net. The `cause` is the system's error. */
export class UnreadableFile extends /* @__PURE__ */ branded('OSError') {
  /** The system's error code, such as `ENOENT`. */
  readonly code: string
  /** The system's error number, above 0. */
  readonly errno: number | undefined

  constructor(message: string, cause: NodeJS.ErrnoException) {
    super(message, { cause })
    this.code = cause.code ?? 'EIO'
    this.errno = cause.errno === undefined ? undefined : Math.abs(cause.errno)
  }
}
