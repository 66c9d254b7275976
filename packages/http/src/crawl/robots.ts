import { checkString } from '../check-argument.ts'
import { requote } from '../url/percent.ts'
import { firstFrom, type Occurrences, occurrencesOf } from './occurrences.ts'
import { productToken } from './product-token.ts'
import { runToEnd } from './steps.ts'

/** An `Allow` or `Disallow` line: a path prefix, in which `*` matches any characters and a final `$` the end of the path. */
interface Rule {
  readonly allow: boolean
  /** The length of the pattern, which is how specific the rule is. */
  readonly length: number
  /** The parts of the pattern between its wildcards. */
  readonly pieces: readonly string[]
  readonly anchored: boolean
}

/** The rules under one or more `User-agent` lines. */
interface RuleGroup {
  readonly agents: string[]
  readonly rules: Rule[]
  crawlDelay: number | undefined
}

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
/** Whether a text is so long that a file cannot contain very many of them. Long texts are searched for one by one. */
const isLong = (text: string): boolean => text.length > 128

// Field names with their common misspellings (those that Google's parser accepts).
const USER_AGENT = /^user[- ]?agent$/
const DISALLOW = /^(?:d[ei]s{1,2}al{1,2}ow|diasllow|disallaw)$/
const SITEMAP = /^site-?maps?$/
/** Non-standard fields of a group. They are not rules, but like rules they end its list of User-agent lines. */
const PACE = /^(?:crawl-delay|request-rate)$/

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
    const groups: RuleGroup[] = []
    const sitemaps: string[] = []
    let group: RuleGroup | undefined
    let named = false
    const whole = text.length > MAX_ROBOTS_SIZE ? wholeLines(text.slice(0, MAX_ROBOTS_SIZE)) : text
    // Remove a byte order mark, or what a decoder makes of a partial one.
    for (const line of whole.replace(/^[\uFEFF\uFFFD]+/, '').split(/\r\n?|\n/)) {
      yield
      const parts = /^\s*([\w-]+(?: agent)?)\s*:\s*([^#]*)/i.exec(line)
      if (parts === null) continue
      const field = parts[1]!.toLowerCase()
      const value = parts[2]!.trim()
      if (USER_AGENT.test(field)) {
        if (group === undefined || !named) groups.push((group = { agents: [], rules: [], crawlDelay: undefined }))
        for (const name of value.split(',')) group.agents.push(agentOf(name.trim()))
        named = true
      } else if (SITEMAP.test(field)) {
        // A Sitemap line belongs to no group and does not end one.
        if (value !== '' && URL.canParse(value, base)) {
          sitemaps.push(base === undefined ? value : new URL(value, base).href)
        }
      } else if (group !== undefined && (field === 'allow' || DISALLOW.test(field))) {
        named = false
        if (value !== '') group.rules.push(ruleOf(value, field === 'allow'))
      } else if (group !== undefined && PACE.test(field)) {
        named = false
        const seconds = Number(value)
        if (field === 'crawl-delay' && value !== '' && seconds >= 0 && seconds < Infinity)
          group.crawlDelay = seconds * 1000
      }
    }
    return new Robots(groups, sitemaps, true)
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

const agentOf = (value: string): string => (value.startsWith('*') ? '*' : productToken(value))

function ruleOf(pattern: string, allow: boolean): Rule {
  const anchored = pattern.endsWith('$')
  const plain = normalised(anchored ? pattern.slice(0, -1) : pattern)
  // A pattern that begins with neither `/` nor `*` could never match a path; crawlers read it as relative to the root.
  const rooted = /^[/*]/.test(plain) ? plain : `/${plain}`
  const pieces = rooted.includes('*') ? rooted.split(/\*+/) : [rooted]
  // Anything may follow a path anyway.
  if (!anchored && pieces.at(-1) === '') pieces.pop()
  return { allow, anchored, length: rooted.length + (anchored ? 1 : 0), pieces }
}

/** Normalises escapes: in upper case, only where needed, other characters as UTF-8 (RFC 9309 section 2.2.2). The result is ASCII. */
function normalised(path: string): string {
  // URLs have apostrophes escaped in their query. A final dollar sign of a pattern was already removed; any other one is literal.
  const text = requote(path).replaceAll("'", '%27').replaceAll('$', '%24')
  // In a query these may be escaped or not: the RFC's own example is a URL in a parameter.
  const query = text.indexOf('?')
  return query < 0 ? text : text.slice(0, query) + text.slice(query).replaceAll('%2F', '/').replaceAll('%3A', ':')
}

/** Removes the last line of a text that was cut off: a rule with half a path would match far more. */
export function wholeLines(text: string): string {
  return text.slice(0, Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1)
}

/** Whether a pattern matches a path. `found` has the occurrences of the texts of all patterns, if they were searched for together. */
function matches(path: string, { pieces, anchored }: Rule, found: Occurrences | undefined): boolean {
  const first = pieces[0]!
  if (!path.startsWith(first)) return false
  let at = first.length
  if (anchored && pieces.length === 1) return at === path.length
  const last = anchored ? pieces.at(-1)! : ''
  for (let index = 1; index < (anchored ? pieces.length - 1 : pieces.length); index += 1) {
    const piece = pieces[index]!
    const place = found === undefined || isLong(piece) ? path.indexOf(piece, at) : firstFrom(found.get(piece), at)
    if (place < 0) return false
    at = place + piece.length
  }
  return path.length - last.length >= at && path.endsWith(last)
}
