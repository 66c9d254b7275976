import { sourceOf } from './source.ts'
import { isPlain } from './values.ts'

/** An argument that takes options: which one, and whether there may be options where the caller gives none. */
type OptionsPosition = readonly [index: number, mayAdd?: boolean]

/**
 * Gives a call an `AbortSignal` where it takes one: in options that have a `signal`, in a parameter from which the function's source reads
 * one, in options that it spreads or makes a request with, and in known clients. Data is never touched: a mere object as the last
 * argument proves nothing.
 *
 * @param name what the function is called where it was found
 * @returns the arguments to call with, and what aborts the call, if it takes a signal
 */
export function withSignal(
  fn: object,
  self: unknown,
  args: readonly unknown[],
  name: string,
): { args: readonly unknown[]; controller?: AbortController } {
  const explicit = args.findIndex((arg) => isPlain(arg) && 'signal' in arg)
  const [index, mayAdd] = explicit >= 0 ? [explicit] : optionsPosition(fn, Object(self), args, name)
  const given: { signal?: unknown } | undefined = args[index] ?? (mayAdd ? {} : undefined)
  if (!isPlain(given)) return { args }
  const controller = new AbortController()
  const own = controller.signal
  if (!((given.signal ?? own) instanceof AbortSignal)) return { args }
  const filled = [...args]
  filled[index] = { ...given, signal: given.signal ? AbortSignal.any([given.signal as AbortSignal, own]) : own }
  return { args: filled, controller }
}

/** Knows axios, whose methods are wrapped, and undici and `fetch`, which pass their options on unseen. */
function optionsPosition(fn: object, owner: object, args: readonly unknown[], name: string): OptionsPosition {
  const isAxios = 'interceptors' in owner
  if (
    fn === globalThis.fetch ||
    ('Dispatcher' in owner && /^(request|stream|fetch)$/.test(name)) ||
    (isAxios && /^(get|delete|head|options)$/.test(name))
  )
    return [1, true]
  if (isAxios && /^(post|put|patch|query)/.test(name)) return [2, true]
  if ('interceptors' in fn || (isAxios && name === 'request')) return [typeof args[0] === 'string' ? 1 : 0, true]
  const { signalAt, optionsAt } = sourceOf(fn)
  if (signalAt >= 0) return [signalAt, true]
  // What is created keeps its options beyond the call.
  return [/^create./.test(name) ? -1 : optionsAt]
}
