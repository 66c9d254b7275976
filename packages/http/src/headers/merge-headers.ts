import { CaseInsensitiveDict } from './case-insensitive-dict.ts'
import { checkHeader } from './check-header.ts'
import { pairsOf } from './pairs-of.ts'

/** Headers as a caller gives them: `undefined` or `null` takes a header of the session away. */
export type RequestHeaders =
  | CaseInsensitiveDict
  | Iterable<readonly [name: string, value: string | null | undefined]>
  | Readonly<Record<string, string | readonly string[] | null | undefined>>

/**
 * The session's headers with the request's over them: those that both have stay in place, new ones follow, and `undefined` or
 * `null` takes one away (requests: merge_setting). Lines of one name in a `CaseInsensitiveDict` stay apart.
 *
 * @throws {InvalidHeader} if one cannot go on the wire
 * @example
 * mergeHeaders({ Accept: '*\/*', 'X-One': '1' }, { 'x-one': undefined, 'X-Two': '2' }).raw // [['Accept', '*\/*'], ['X-Two', '2']]
 */
export function mergeHeaders(
  session: RequestHeaders | undefined,
  request: RequestHeaders | undefined,
): CaseInsensitiveDict {
  const merged = new CaseInsensitiveDict()
  for (const headers of [session, request]) {
    if (headers === undefined) continue
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
      for (const line of Array.isArray(value) && value.length > 0 ? value : [value]) checkHeader(name, line)
      merged.set(name, value)
    }
  }
  return merged
}
