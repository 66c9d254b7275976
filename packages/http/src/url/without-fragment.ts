/** Removes the fragment of a normalised URL, in which a `#` can only begin the fragment. */
export function withoutFragment(href: string): string {
  const at = href.indexOf('#')
  return at < 0 ? href : href.slice(0, at)
}
