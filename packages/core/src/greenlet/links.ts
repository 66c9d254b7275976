/** Something to tell, in the hub, that what it is linked to has become ready. */
export interface LinkTarget {
  notify(source: unknown): void
  /** Takes note at once if nothing else comes of it yet, as where many are waited for; answers whether it did. */
  absorb?(source: unknown): boolean
}

/** The links of one object, in order: most have none or one, so only the second makes a set. */
export type Links = LinkTarget | Set<LinkTarget> | null

/** The links with one more at the end. */
export function withLink(links: Links, target: LinkTarget): Links {
  if (links === null) return target
  if (links instanceof Set) return links.add(target)
  return new Set([links, target])
}

/** The links without one of them. */
export function withoutLink(links: Links, target: LinkTarget): Links {
  if (links === target) return null
  if (links instanceof Set) {
    links.delete(target)
    if (links.size === 0) return null
  }
  return links
}

/** Whether a target is linked. */
export function hasLink(links: Links, target: LinkTarget): boolean {
  return links === target || (links instanceof Set && links.has(target))
}

/** How many links there are. */
export function countLinks(links: Links): number {
  return links instanceof Set ? links.size : links === null ? 0 : 1
}

/** The first link for which `match` holds, or `null`. */
export function findLink(links: Links, match: (target: LinkTarget) => boolean): LinkTarget | null {
  if (links === null) return null
  for (const target of links instanceof Set ? links : [links]) if (match(target)) return target
  return null
}
