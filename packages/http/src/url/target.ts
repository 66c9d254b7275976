/** Schemes with hosts and ports alone, by what they are called. */
const origins = new Map<string, URL>()
const MOST_ORIGINS = 1000

/**
 * Where a request goes. Its URL is parsed only once someone looks at its parts: what a request takes of it is here, and most follow
 * another to their host.
 */
export class Target {
  readonly href: string
  /** Scheme, host and port alone: the same object for all that go there, as long as few others come between. Not to be changed. */
  readonly origin: URL
  /** Path and query as they go on the wire. */
  readonly path: string
  private parsed: URL | undefined

  /** @param parsed what `href` was taken from, if it was parsed */
  constructor(href: string, origin: URL, path: string, parsed: URL | undefined) {
    this.href = href
    this.origin = origin
    this.path = path
    this.parsed = parsed
  }

  /** @param url one without user name and password, that is not changed any more */
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
    if (origins.size >= MOST_ORIGINS) origins.clear()
    origins.set(origin, (url = new URL(origin)))
  }
  return url
}
