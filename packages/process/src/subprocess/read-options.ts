import { checkOptions, checkWhole, type TimeLimit } from '@greenlit/core/engine'

/** The options of reads from a pipe. */
export interface ReadOptions {
  /** The number of bytes to read at most; -1 for no limit, which is the default. */
  size?: number | undefined
  /** How long to wait, in milliseconds >= 0. Default: no limit. */
  timeout?: TimeLimit
}

/** Checks the arguments of a read: a size, options, or both. Without a limit, the returned size is Infinity. */
export function readOptions(
  size: number | ReadOptions | undefined | null,
  options: ReadOptions | undefined,
): { readonly size: number; readonly timeout: TimeLimit } {
  const given: ReadOptions = typeof size === 'object' ? checkOptions(size) : { ...checkOptions(options), size }
  const { size: limit = -1, timeout } = given
  checkWhole(limit, 'size', -1)
  return { size: limit === -1 ? Infinity : limit, timeout }
}
