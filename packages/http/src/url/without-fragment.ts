/** A URL in its normal form without its fragment: nothing else in one holds a `#`. */
export function withoutFragment(href: string): string {
  const at = href.indexOf('#')
  return at < 0 ? href : href.slice(0, at)
}
