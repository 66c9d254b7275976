/** A target to notify, in the hub, when the object it is linked to becomes ready. */
export interface LinkTarget {
  notify(source: unknown): void
  /**
   * Handles the notification on the spot if that wakes nobody yet, as when many objects are waited for; returns whether it did.
   */
  absorb?(source: unknown): boolean
}

/** The links of one object, in order. Most objects have none or one, so only a second link creates a set. */
export type Links = LinkTarget | Set<LinkTarget> | null

/** Returns the links with one more at the end. */
export function withLink(links: Links, target: LinkTarget): Links {
  if (links === null) return target
  if (links instanceof Set) return links.add(target)
  return new Set([links, target])
}

/** Returns the links without one of them. */
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

/** Returns the links as a list. */
export function listLinks(links: Links): LinkTarget[] {
  return links instanceof Set ? [...links] : links === null ? [] : [links]
}
