import { branded } from '@greenlit/core/engine'

/**
 * A file that could not be read. It counts as net's `OSError`, without loading net for it; what the system said is its `cause`.
 */
export class UnreadableFile extends /* @__PURE__ */ branded('OSError') {
  /** The system's name of the failure, as `ENOENT`. */
  readonly code: string
  /** Its number, above 0. */
  readonly errno: number | undefined

  constructor(message: string, cause: NodeJS.ErrnoException) {
    super(message, { cause })
    this.code = cause.code ?? 'EIO'
    this.errno = cause.errno === undefined ? undefined : Math.abs(cause.errno)
  }
}
