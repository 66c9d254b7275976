import { sourceOf } from './source.ts'
import { isPlain } from './values.ts'

/** The index of an argument that takes options, and whether options may be added where the caller passes none. */
type OptionsPosition = readonly [index: number, mayAdd?: boolean]

/**
 * Passes an `AbortSignal` to a call that takes one: in options that have a `signal`, in a parameter from which the function's
 * source reads one, in options that it spreads or makes a request with, and in known clients. Data is never touched: that the
 * last argument is an object proves nothing.
 *
 * @param name the name under which the function was found
 * @returns the arguments to call with, and the controller that aborts the call, if it takes a signal
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

/**
 * Finds the argument for options. Knows axios, whose methods are wrapped, and undici and `fetch`, which pass their options on
 * unread.
 */
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
  // What a `create` function returns keeps using its options after the call.
  return [/^create./.test(name) ? -1 : optionsAt]
}
