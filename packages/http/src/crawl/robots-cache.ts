import { AsyncResult, type Coroutine, isControlError } from '@greenlit/core'
import { now } from '@greenlit/core/engine'
import { encodingFromMark } from '../encoding/declared.ts'
import { decode } from '../encoding/decode.ts'
import { TooManyRedirects } from '../errors/too-many-redirects.ts'
import type { RequestOptions } from '../session/options.ts'
import type { Session } from '../session/session.ts'
import { LONGEST, Robots, wholeLines } from './robots.ts'
import { inTurns } from './steps.ts'

/** How many redirects lead to a robots.txt (RFC 9309 section 2.3.1.2). */
const REDIRECTS = 5
/** How many sites' rules are kept, and of how many bytes in all: rules may take twenty times as much as their text. */
const MOST = 10_000
const MOST_BYTES = 16 * 1024 * 1024

/** The rules of a site, which may still be on their way (none if that was given up), and how many bytes their text has. */
interface Site {
  readonly rules: AsyncResult<Robots | undefined>
  size: number
}

/** The rules of each site, fetched once for all who ask. */
export class RobotsCache {
  private readonly session: Session
  private readonly options: RequestOptions
  private readonly known = new Map<string, Site>()
  /** How many bytes the rules of all that are known have. */
  private size = 0
  private readonly patience: number
  private readonly failures = new Map<string, { readonly error: Error; readonly until: number }>()

  /** @param patience how many milliseconds a site that could not say is not asked again */
  constructor(session: Session, options: RequestOptions, patience: number) {
    this.session = session
    this.options = options
    this.patience = patience
  }

  /**
   * The rules for a URL. A site without a file allows everything.
   *
   * @throws {RequestException} if the site cannot say: no connection, no answer in time, or 429 or 5xx. Then nothing of it may be fetched
   *   (RFC 9309 section 2.3.1.4), and who asks a little later tries again
   */
  *rulesFor(url: URL): Coroutine<Robots> {
    const { origin } = url
    for (let known = this.known.get(origin); known !== undefined; known = this.known.get(origin)) {
      const rules = yield* known.rules.get()
      if (rules !== undefined) return rules
      // Who asked was killed, or had no more time: the first of those who waited asks, for the others too.
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

  /** A site with very many hosts must not fill the memory with the rules of each. */
  private forgetOldest(): void {
    for (const [origin, { size }] of this.known) {
      if (this.known.size <= MOST && this.size <= MOST_BYTES) return
      this.known.delete(origin)
      this.size -= size
    }
  }

  /** Of the many pages of a site that cannot say each would ask again. */
  private failed(origin: string, error: Error): void {
    this.failures.set(origin, { error, until: now() + this.patience })
    if (this.failures.size > MOST) this.failures.delete(this.failures.keys().next().value!)
  }

  private *fetch(origin: string, site: Site): Coroutine<Robots> {
    try {
      const response = yield* this.session.get(`${origin}/robots.txt`, {
        ...this.options,
        maxRedirects: REDIRECTS,
        // Of a file that is larger the beginning counts.
        maxSize: Infinity,
        stream: true,
      })
      try {
        if (response.statusCode === 429 || response.statusCode >= 500) response.raiseForStatus()
        if (!response.ok) return Robots.allowAll
        const pieces: Uint8Array[] = []
        let size = 0
        const body = response.iterContent()
        while (size < LONGEST) {
          const next = yield* body.next()
          if (next.done) break
          pieces.push(next.value)
          size += next.value.length
        }
        const bytes = Buffer.concat(pieces).subarray(0, LONGEST)
        site.size = bytes.length
        const text = decode(bytes, encodingFromMark(bytes) ?? 'utf-8')
        return yield* inTurns(Robots.parseInSteps(size >= LONGEST ? wholeLines(text) : text, response.url))
      } finally {
        response.close()
      }
    } catch (error) {
      if (error instanceof TooManyRedirects) return Robots.allowAll
      throw error
    }
  }
}
