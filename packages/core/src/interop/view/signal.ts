import { OPTIONS, sourceOf } from './source.ts'
import { isPlain } from './values.ts'

/** Which argument of a client's method holds its options. */
const AFTER_URL = ['get', 'delete', 'head', 'options']
const AFTER_DATA = ['post', 'put', 'patch', 'query', 'postForm', 'putForm', 'patchForm']

/**
 * Gives a call an `AbortSignal` where it takes one: in options that say so by a `signal` of their own, or where the function's source,
 * or its being of a known client, says that an argument is options. Data is never touched: a mere object as the last argument
 * proves nothing.
 *
 * @returns the arguments to call with, and what aborts the call; `undefined` if it takes no signal
 */
export function withSignal(
  fn: object,
  self: unknown,
  args: readonly unknown[],
): { args: unknown[]; controller: AbortController } | undefined {
  const explicit = args.findIndex((arg) => isPlain(arg) && 'signal' in arg)
  const { index, mayAdd } = explicit >= 0 ? { index: explicit, mayAdd: false } : optionsOf(fn, self, args)
  if (index < 0) return undefined
  const given = args[index]
  if (given === undefined || given === null ? !mayAdd : !isPlain(given)) return undefined
  const controller = new AbortController()
  const filled = [...args]
  while (filled.length < index) filled.push(undefined)
  filled[index] = {
    ...(given as object),
    signal: joined((given as { signal?: unknown } | null)?.signal, controller.signal),
  }
  return { args: filled, controller }
}

function joined(own: unknown, signal: AbortSignal): AbortSignal {
  return own instanceof AbortSignal ? AbortSignal.any([own, signal]) : signal
}

function optionsOf(fn: object, self: unknown, args: readonly unknown[]): { index: number; mayAdd: boolean } {
  const known = inKnownClient(fn, self, args)
  if (known >= 0) return { index: known, mayAdd: true }
  const { parameters, mentionsSignal } = sourceOf(fn)
  const index = parameters.findIndex((parameter) => OPTIONS.test(parameter) || /^\{[\s\S]*\bsignal\b/.test(parameter))
  if (index >= 0) return { index, mayAdd: mentionsSignal }
  return { index: mentionsSignal ? args.length - 1 : -1, mayAdd: false }
}

/** axios, whose methods are wrapped, and undici and `fetch`, whose options are passed on unseen. */
function inKnownClient(fn: object, self: unknown, args: readonly unknown[]): number {
  const { name } = fn as { name?: unknown }
  if (name === 'fetch' || ('interceptors' in fn && 'defaults' in fn))
    return typeof args[0] === 'string' || name === 'fetch' ? 1 : 0
  if ((typeof self !== 'object' && typeof self !== 'function') || self === null) return -1
  const owner = self as Record<string, unknown>
  const is = (key: string) => owner[key] === fn
  if ('interceptors' in owner && 'defaults' in owner) {
    if (is('request')) return typeof args[0] === 'string' ? 1 : 0
    return AFTER_URL.some(is) ? 1 : AFTER_DATA.some(is) ? 2 : -1
  }
  return 'Dispatcher' in owner && (is('request') || is('stream')) ? 1 : -1
}
