/** Whether a value is a promise. Where entries are read, one that was not awaited would pass for an empty object. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
