import { checkOptions } from '@greenlit/core/engine'
import { prepareUrl } from './prepare-url.ts'
import { withoutFragment } from './without-fragment.ts'

/** How to tell two URLs for one page. */
export interface CanonicalOptions {
  /**
   * `'sort'`: parameters in another order make no other page; `'keep'`: they do. Values of one name keep their order. Default
   * `'sort'`, as scrapy's fingerprint.
   */
  readonly queryOrder?: 'sort' | 'keep'
}

/**
 * One form for all ways to write a URL, to see whether a page was fetched: host in lower case, no default port, no fragment, no
 * user name, dots and escapes resolved, no empty query.
 *
 * @throws what `prepareUrl` throws
 * @example
 * canonicalUrl('HTTP://Example.com:80/a/../b%7e?y=2&x=1#top') // 'http://example.com/b~?x=1&y=2'
 */
export function canonicalUrl(given: string | URL, options?: CanonicalOptions): string {
  const { queryOrder = 'sort' } = checkOptions(options)
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
