import { CaseInsensitiveDict } from './case-insensitive-dict.ts'
import { checkHeader } from './check-header.ts'
import { pairsOf } from './pairs-of.ts'

/** Headers passed by a caller: `undefined` or `null` removes the session's header of that name. */
export type RequestHeaders =
  | CaseInsensitiveDict
  | Iterable<readonly [name: string, value: string | null | undefined]>
  | Readonly<Record<string, string | null | undefined>>

/**
 * Merges the request's headers over the session's: common ones keep their place, new ones follow, and `undefined` or `null` removes
 * one (requests: merge_setting). Several lines of one name need a `CaseInsensitiveDict`: elsewhere an array is rejected.
 *
 * @throws {InvalidHeader} for a header that cannot be sent
 * @example
 * mergeHeaders({ Accept: '*\/*', 'X-One': '1' }, { 'x-one': undefined, 'X-Two': '2' }).raw // [['Accept', '*\/*'], ['X-Two', '2']]
 */
export function mergeHeaders(
  session: RequestHeaders | undefined,
  request: RequestHeaders | undefined,
): CaseInsensitiveDict {
  const merged = new CaseInsensitiveDict()
  for (const headers of [session, request]) {
    if (headers === undefined || headers === null) continue
    if (headers instanceof CaseInsensitiveDict) {
      for (const [name, line] of headers.raw) checkHeader(name, line)
      merged.update(headers)
      continue
    }
    for (const [name, value] of pairsOf(headers)) {
      if (value === undefined || value === null) {
        merged.delete(String(name))
        continue
      }
      checkHeader(name, value)
      merged.set(name, value)
    }
  }
  return merged
}
