import { checkString } from '../check-argument.ts'
import { occurrencesOf } from './occurrences.ts'
import { agentOf, RobotsFile, type RuleGroup } from './robots-file.ts'
import { isLong, matches, normalised, type Rule } from './robots-rule.ts'
import { runToEnd } from './steps.ts'

/** All rules for one crawler. */
interface Rules {
  readonly rules: readonly Rule[]
  /** The short texts that follow wildcards in the patterns, sorted; `undefined` if there are few wildcards. */
  readonly texts: readonly string[] | undefined
  readonly crawlDelay: number | undefined
}

/** How much of a robots.txt is read (RFC 9309 section 2.5). */
export const MAX_ROBOTS_SIZE = 500 * 1024

/** From how many wildcards on the texts that follow them are searched for together. */
const MANY = 64

/**
 * A site's rules for crawlers (RFC 9309). A crawler obeys the group that names it, or else the one for `*`. Of the rules that match a
 * path the longest decides; among equally long ones `Allow` wins over `Disallow`.
 *
 * @example
 * const robots = Robots.parse(page.text)
 * if (robots.allows('https://example.org/private/', 'greenlit')) yield* get('https://example.org/private/')
 */
export class Robots {
  /** Rules that allow everything: there is no file, or an empty one. */
  static readonly allowAll: Robots = new Robots([], [], true)
  /** Rules that allow nothing: the site could not deliver its robots.txt (RFC 9309 section 2.3.1.4). */
  static readonly disallowAll: Robots = new Robots([], [], false)

  /** The sitemaps listed in the file, as absolute URLs. */
  readonly sitemaps: readonly string[]
  private readonly groups: readonly RuleGroup[]
  private readonly allowsByDefault: boolean
  private readonly chosen = new Map<string, Rules | undefined>()

  private constructor(groups: readonly RuleGroup[], sitemaps: readonly string[], allowsByDefault: boolean) {
    this.groups = groups
    this.sitemaps = sitemaps
    this.allowsByDefault = allowsByDefault
  }

  /**
   * Parses a robots.txt. Lines that cannot be parsed are ignored, and so is everything after the first 500 KiB.
   *
   * @param text the content of the file
   * @param base the URL of the file, against which sitemap URLs are resolved; without it only absolute ones are listed
   */
  static parse(text: string, base?: string | URL): Robots {
    checkString(text, 'text')
    return runToEnd(Robots.parseInSteps(text, base))
  }

  /** @internal Does what `parse` does, yielding once per line. */
  static *parseInSteps(text: string, base?: string | URL): Generator<undefined, Robots> {
    const file = new RobotsFile(base)
    const whole = text.length > MAX_ROBOTS_SIZE ? wholeLines(text.slice(0, MAX_ROBOTS_SIZE)) : text
    // Remove a byte order mark, or what a decoder makes of a partial one.
    for (const line of whole.replace(/^[\uFEFF\uFFFD]+/, '').split(/\r\n?|\n/)) {
      yield
      file.readLine(line)
    }
    return new Robots(file.groups, file.sitemaps, true)
  }

  /**
   * Returns whether a crawler may fetch a URL.
   *
   * @param url absolute, or relative to the root of the site
   * @param userAgent the crawler's name, such as `greenlit`, or a whole User-Agent header
   */
  allows(url: string | URL, userAgent: string): boolean {
    const group = this.groupFor(userAgent)
    if (group === undefined) return this.allowsByDefault
    const { pathname, search, href } = new URL(url, 'http://host/')
    if (pathname === '/robots.txt') return true
    // An empty query is not part of `search`, but patterns match its question mark.
    const query = search === '' && /^[^?#]*\?(?:#|$)/.test(href) ? '?' : search
    // A `*` in a URL is literal (RFC 9309 section 2.2.3).
    const path = normalised(`${pathname}${query}`).replaceAll('*', '%2A')
    const found = group.texts && occurrencesOf(group.texts, path)
    let best: Rule | undefined
    for (const rule of group.rules) {
      if (best !== undefined && (rule.length < best.length || (rule.length === best.length && best.allow))) continue
      if (matches(path, rule, found)) best = rule
    }
    return best?.allow ?? true
  }

  /** Returns how many milliseconds a crawler is asked to wait between two requests, if at all (the non-standard `Crawl-delay`). */
  crawlDelay(userAgent: string): number | undefined {
    return this.groupFor(userAgent)?.crawlDelay
  }

  /** Merges all groups that name the crawler, or else all groups for `*` (RFC 9309 section 2.2.1). */
  private groupFor(userAgent: string): Rules | undefined {
    checkString(userAgent, 'userAgent')
    const name = agentOf(userAgent)
    if (!this.chosen.has(name)) {
      let groups = name === '' ? [] : this.groups.filter(({ agents }) => agents.includes(name))
      if (groups.length === 0) groups = this.groups.filter(({ agents }) => agents.includes('*'))
      this.chosen.set(name, groups.length === 0 ? undefined : mergeGroups(groups))
    }
    return this.chosen.get(name)
  }
}

function mergeGroups(groups: readonly RuleGroup[]): Rules {
  const rules = groups.flatMap((group) => group.rules)
  const wild = rules.flatMap(({ pieces }) => pieces.slice(1))
  const texts = new Set(wild.filter((text) => text !== '' && !isLong(text)))
  const delays = groups.flatMap(({ crawlDelay }) => crawlDelay ?? [])
  return {
    rules,
    texts: wild.length < MANY ? undefined : [...texts].sort(),
    crawlDelay: delays.length === 0 ? undefined : Math.max(...delays),
  }
}

/** Removes the last line of a text that was cut off: a rule with half a path would match far more. */
export function wholeLines(text: string): string {
  return text.slice(0, Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1)
}
