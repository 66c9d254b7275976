import { checkOptions, show } from '@greenlit/core/engine'
import { prepareUrl } from './prepare-url.ts'
import { withoutFragment } from './without-fragment.ts'

/** Options of `canonicalUrl`. */
export interface CanonicalOptions {
  /**
   * `'sort'` sorts the parameters by name, so that their order makes no difference; several values of a name keep their order.
   * `'keep'` leaves them alone. Default `'sort'`, like scrapy's fingerprint.
   */
  readonly queryOrder?: 'sort' | 'keep' | undefined
}

/** Checks how parameters are to be ordered. */
export function checkQueryOrder(order: unknown): asserts order is 'sort' | 'keep' {
  if (order === 'sort' || order === 'keep') return
  throw new TypeError(`Expected \`queryOrder\` to be 'sort' or 'keep', got ${show(order)}`)
}

/**
 * Returns the canonical form of a URL, which tells whether two URLs are of the same page: host in lower case, no default port, no
 * fragment, no user name, dot segments resolved, escapes normalised, no empty query.
 *
 * @throws whatever `prepareUrl` throws
 * @example
 * canonicalUrl('HTTP://Example.com:80/a/../b%7e?y=2&x=1#top') // 'http://example.com/b~?x=1&y=2'
 */
export function canonicalUrl(given: string | URL, options?: CanonicalOptions): string {
  const { queryOrder = 'sort' } = checkOptions(options)
  checkQueryOrder(queryOrder)
  const url = withoutFragment(prepareUrl(given).target.href)
  const start = url.indexOf('?')
  if (queryOrder !== 'sort' || start < 0 || !url.includes('&', start)) return url
  const pairs = url
    .slice(start + 1)
    .split('&')
    .filter(Boolean)
  const keyed = pairs.map((pair) => [pair.split('=', 1)[0]!, pair] as const)
  keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const query = keyed.map(([, pair]) => pair).join('&')
  return query === '' ? url.slice(0, start) : `${url.slice(0, start)}?${query}`
}
