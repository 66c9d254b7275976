import { AsyncResult, type Coroutine, isControlError } from '@greenlit/core'
import { now } from '@greenlit/core/engine'
import { encodingFromMark } from '../encoding/declared.ts'
import { decode } from '../encoding/decode.ts'
import { TooManyRedirects } from '../errors/too-many-redirects.ts'
import type { RequestOptions } from '../session/options.ts'
import type { Session } from '../session/session.ts'
import { MAX_ROBOTS_SIZE, Robots, wholeLines } from './robots.ts'
import { runInTurns } from './steps.ts'

/** How many redirects of a robots.txt are followed (RFC 9309 section 2.3.1.2). */
const MAX_REDIRECTS = 5
/** How many sites' rules are cached, and the total size of their texts in bytes. Parsed rules may take twenty times as much memory. */
const MAX_SITES = 10_000
const MAX_BYTES = 16 * 1024 * 1024

/** The rules of a site, which may still be being fetched (`undefined` if that was cancelled), and the size of their text in bytes. */
interface Site {
  readonly rules: AsyncResult<Robots | undefined>
  size: number
}

/** A cache of sites' rules. Concurrent callers share a single request. */
export class RobotsCache {
  private readonly session: Session
  private readonly options: RequestOptions
  private readonly known = new Map<string, Site>()
  /** The total size in bytes of the texts of all cached rules. */
  private size = 0
  private readonly patience: number
  private readonly failures = new Map<string, { readonly error: Error; readonly until: number }>()

  /** @param patience for how many milliseconds a failure to fetch the rules is remembered */
  constructor(session: Session, options: RequestOptions, patience: number) {
    this.session = session
    this.options = options
    this.patience = patience
  }

  /**
   * Returns the rules for a URL. A site without a robots.txt allows everything.
   *
   * @throws {RequestException} if the rules are unavailable: no connection, a timeout, or status 429 or 5xx. Then nothing of the site
   *   may be fetched (RFC 9309 section 2.3.1.4); a call after a short while tries again
   */
  *rulesFor(url: URL): Coroutine<Robots> {
    const { origin } = url
    for (let known = this.known.get(origin); known !== undefined; known = this.known.get(origin)) {
      const rules = yield* known.rules.get()
      if (rules !== undefined) return rules
      // The greenlet that fetched the rules was killed or timed out: the first waiter to resume fetches them for the others.
    }
    const failure = this.failures.get(origin)
    if (failure !== undefined && failure.until > now()) throw failure.error
    this.failures.delete(origin)
    const site: Site = { rules: new AsyncResult<Robots | undefined>(), size: 0 }
    this.known.set(origin, site)
    try {
      const robots = yield* this.fetch(origin, site)
      if (this.known.get(origin) === site) this.size += site.size
      this.forgetOldest()
      site.rules.set(robots)
      return robots
    } catch (error) {
      if (this.known.get(origin) === site) this.known.delete(origin)
      if (isControlError(error)) {
        site.rules.set(undefined)
      } else {
        this.failed(origin, error as Error)
        site.rules.setException(error as Error)
      }
      throw error
    }
  }

  /** Whether the rules for a URL are cached, so that no one has to wait for them. */
  has(url: URL): boolean {
    return this.known.get(url.origin)?.rules.ready() ?? false
  }

  /** Evicts the oldest rules, so that a site with very many hosts does not fill the memory. */
  private forgetOldest(): void {
    for (const [origin, { size }] of this.known) {
      if (this.known.size <= MAX_SITES && this.size <= MAX_BYTES) return
      this.known.delete(origin)
      this.size -= size
    }
  }

  /** Remembers a failure, so that not every page of the site asks again. */
  private failed(origin: string, error: Error): void {
    this.failures.set(origin, { error, until: now() + this.patience })
    if (this.failures.size > MAX_SITES) this.failures.delete(this.failures.keys().next().value!)
  }

  private *fetch(origin: string, site: Site): Coroutine<Robots> {
    try {
      const response = yield* this.session.get(`${origin}/robots.txt`, {
        ...this.options,
        maxRedirects: MAX_REDIRECTS,
        // A larger file is not an error: only its beginning is read.
        maxSize: Infinity,
        stream: true,
      })
      try {
        if (response.statusCode === 429 || response.statusCode >= 500) response.raiseForStatus()
        if (!response.ok) return Robots.allowAll
        const pieces: Uint8Array[] = []
        let size = 0
        const body = response.iterContent()
        while (size < MAX_ROBOTS_SIZE) {
          const next = yield* body.next()
          if (next.done) break
          pieces.push(next.value)
          size += next.value.length
        }
        const bytes = Buffer.concat(pieces).subarray(0, MAX_ROBOTS_SIZE)
        site.size = bytes.length
        const text = decode(bytes, encodingFromMark(bytes) ?? 'utf-8')
        return yield* runInTurns(Robots.parseInSteps(size >= MAX_ROBOTS_SIZE ? wholeLines(text) : text, response.url))
      } finally {
        response.close()
      }
    } catch (error) {
      if (error instanceof TooManyRedirects) return Robots.allowAll
      throw error
    }
  }
}
