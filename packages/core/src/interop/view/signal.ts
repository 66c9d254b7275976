import { OPTIONS, sourceOf } from './source.ts'
import { isPlain } from './values.ts'

/** Which argument of a client's method holds its options. */
const AFTER_URL = ['get', 'delete', 'head', 'options']
const AFTER_DATA = ['post', 'put', 'patch', 'query', 'postForm', 'putForm', 'patchForm']

/** An argument that takes options: which one, and whether there may be options where the caller gives none. */
type Place = readonly [index: number, mayAdd: boolean]

/**
 * Gives a call an `AbortSignal` where it takes one: in options that have a `signal`, in a parameter from which the function's source reads
 * one or that is called options, and in known clients. Data is never touched: a mere object as the last argument proves nothing.
 *
 * @returns the arguments to call with, and what aborts the call; `undefined` if it takes no signal
 */
export function withSignal(
  fn: object,
  self: unknown,
  args: readonly unknown[],
): { args: unknown[]; controller: AbortController } | undefined {
  const explicit = args.findIndex((arg) => isPlain(arg) && 'signal' in arg)
  const [index, mayAdd] = explicit >= 0 ? [explicit, false] : (inKnownClient(fn, self, args) ?? inSource(fn, args))
  const given = args[index] ?? (mayAdd ? {} : undefined)
  if (!isPlain(given)) return undefined
  const { signal } = given as { signal?: unknown }
  if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal)) return undefined
  const controller = new AbortController()
  const filled = [...args]
  while (filled.length < index) filled.push(undefined)
  filled[index] = { ...given, signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal }
  return { args: filled, controller }
}

function inSource(fn: object, args: readonly unknown[]): Place {
  const { parameters, signalAt } = sourceOf(fn)
  if (signalAt >= 0) return [signalAt, true]
  const named = parameters.findIndex((parameter) => OPTIONS.test(parameter))
  return [named < args.length ? named : -1, false]
}

/** axios, whose methods are wrapped, and undici and `fetch`, which pass their options on unseen. */
function inKnownClient(fn: object, self: unknown, args: readonly unknown[]): Place | undefined {
  const afterUrl: Place = [typeof args[0] === 'string' ? 1 : 0, true]
  if (fn === globalThis.fetch) return [1, true]
  if ('interceptors' in fn) return afterUrl
  const owner = Object(self) as Record<string, unknown>
  const is = (key: string) => owner[key] === fn
  if ('Dispatcher' in owner && ['request', 'stream', 'fetch'].some(is)) return [1, true]
  if (!('interceptors' in owner)) return undefined
  if (AFTER_URL.some(is)) return [1, true]
  if (AFTER_DATA.some(is)) return [2, true]
  return is('request') ? afterUrl : undefined
}
