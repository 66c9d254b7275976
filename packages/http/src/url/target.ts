/** Parsed origins by their serialisation. */
const origins = new Map<string, URL>()
const MAX_ORIGINS = 1000

/**
 * The target of a request. The URL is parsed lazily: a request needs only the parts stored here, and usually the host has been parsed
 * for an earlier one.
 */
export class Target {
  readonly href: string
  /** Scheme, host and port only. Targets with the same origin usually share the object, so it must not be modified. */
  readonly origin: URL
  /** Path and query as sent in the request. */
  readonly path: string
  private parsed: URL | undefined

  /** @param parsed the parsed URL that `href` comes from, if there is one */
  constructor(href: string, origin: URL, path: string, parsed: URL | undefined) {
    this.href = href
    this.origin = origin
    this.path = path
    this.parsed = parsed
  }

  /** @param url a URL without user name and password, which must not be modified afterwards */
  static of(url: URL): Target {
    return new Target(url.href, originOf(url), url.pathname + url.search, url)
  }

  get url(): URL {
    this.parsed ??= new URL(this.href)
    return this.parsed
  }
}

function originOf({ origin }: URL): URL {
  let url = origins.get(origin)
  if (url === undefined) {
    if (origins.size >= MAX_ORIGINS) origins.clear()
    origins.set(origin, (url = new URL(origin)))
  }
  return url
}
