/** Whether something has yet to be waited for: where entries are looked for it would pass for having none. */
export function isPromised(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
