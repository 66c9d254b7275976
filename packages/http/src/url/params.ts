import { show } from '@greenlit/core/engine'
import { isEmpty } from '../is-empty.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { percentEncode } from './percent.ts'

/** The value of a parameter. Parameters with the value `undefined` or `null` are omitted. */
export type ParamValue = string | number | boolean | bigint | Uint8Array | null | undefined
/** The parameters of a query or a form: an object, pairs, or an already encoded string. An array as a value repeats the name. */
export type Params =
  | string
  | Uint8Array
  | URLSearchParams
  | Readonly<Record<string, ParamValue | readonly ParamValue[]>>
  | Iterable<readonly [name: string, value: ParamValue | readonly ParamValue[]]>

/**
 * Encodes parameters as `name=value` pairs like a form, with `+` for a space, in the order given (Python: urlencode).
 *
 * @param params see `Params`
 * @param name the name of the parameters in error messages
 * @throws {TypeError} for a value that is not a string, a number, a boolean or bytes
 * @example
 * queryOf({ q: 'a b', tag: ['x', 'y'], page: undefined }) // 'q=a+b&tag=x&tag=y'
 */
export function queryOf(params: Params, name = 'params'): string {
  if (typeof params === 'string') return params.replace(/^\?/, '')
  if (params instanceof Uint8Array) return Buffer.from(params).toString().replace(/^\?/, '')
  if (typeof params !== 'object' || params === null || isPromiseLike(params)) {
    throw new TypeError(`Expected \`${name}\` to be text, an object or pairs, got ${show(params)}`)
  }
  const query: string[] = []
  for (const pair of Symbol.iterator in params ? params : Object.entries(params)) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new TypeError(`Expected \`${name}\` to hold pairs of a name and a value, got ${show(pair)}`)
    }
    const [key, value] = pair as readonly [unknown, ParamValue | readonly ParamValue[]]
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) query.push(`${encode(key, name)}=${encode(one, `${name}.${String(key)}`)}`)
    }
  }
  return query.join('&')
}

/**
 * Merges the parameters of a session and a request. If both are objects, those of the request override those of the session; otherwise
 * the request's replace the session's, if there are any (requests: merge_setting).
 */
export function mergeParams(session: Params | undefined, request: Params | undefined): Params | undefined {
  // Nothing to merge, not even an empty object: a URL without parameters is prepared faster.
  if (session === undefined || session === null || (isObject(session) && isEmpty(session))) return request
  if (request === undefined || request === null) return session
  if (isObject(session) && isObject(request)) return { ...session, ...request }
  return hasNone(request) ? session : request
}

function hasNone(params: Params): boolean {
  if (typeof params === 'string' || params instanceof Uint8Array || Array.isArray(params)) return params.length === 0
  if (params instanceof Map || params instanceof URLSearchParams) return params.size === 0
  return isObject(params) && isEmpty(params)
}

function isObject(params: Params): params is Readonly<Record<string, ParamValue | readonly ParamValue[]>> {
  return typeof params === 'object' && !(Symbol.iterator in params) && !isPromiseLike(params)
}

function encode(value: unknown, name: string): string {
  if (value instanceof Uint8Array) return percentEncode(value).replaceAll('%20', '+')
  if (typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`Expected \`${name}\` to be a string, a number, a boolean or bytes, got ${show(value)}`)
  }
  return percentEncode(Buffer.from(String(value))).replaceAll('%20', '+')
}
