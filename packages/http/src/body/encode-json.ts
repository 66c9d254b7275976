import { show } from '@greenlit/core/engine'
import { InvalidJSONError } from '../errors/invalid-json-error.ts'
import { isPromiseLike } from '../is-promise-like.ts'

/**
 * Encodes a value as JSON.
 *
 * @throws {InvalidJSONError} if JSON cannot represent it: NaN and infinities, which `JSON.stringify` silently turns into null, a
 *   BigInt, a circular reference, a function, or a promise, which `JSON.stringify` turns into an empty object
 */
export function encodeJson(value: unknown): string {
  let text: string | undefined
  try {
    if (!isPromiseLike(value)) text = JSON.stringify(value, refuseNonFinite)
  } catch (cause) {
    throw new InvalidJSONError(`Expected \`json\` to be what JSON can say: ${(cause as Error).message}`, { cause })
  }
  if (text === undefined) throw new InvalidJSONError(`Expected \`json\` to be what JSON can say, got ${show(value)}`)
  return text
}

function refuseNonFinite(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} has no form in JSON`)
  return value
}
