import { checkString } from '../check-given.ts'
import { requote } from '../url/percent.ts'
import { firstFrom, type Occurrences, occurrencesOf } from './occurrences.ts'
import { productToken } from './product-token.ts'
import { atOnce } from './steps.ts'

/** One line of rules: paths that begin so, `*` any characters and `$` the end, are allowed or not. */
interface Rule {
  readonly allow: boolean
  /** How specific the rule is: the length of its pattern. */
  readonly length: number
  readonly pieces: readonly string[]
  readonly anchored: boolean
}

/** What is said to one or more crawlers. */
interface RuleGroup {
  readonly agents: string[]
  readonly rules: Rule[]
  crawlDelay: number | undefined
}

/** All that is said to one crawler. */
interface Rules {
  readonly rules: readonly Rule[]
  /** What stands behind their wildcards, in order, if there are many and it is not long. */
  readonly texts: readonly string[] | undefined
  readonly crawlDelay: number | undefined
}

/** How much of a robots.txt is read (RFC 9309 section 2.5). */
export const LONGEST = 500 * 1024

/** From how many wildcards on the texts behind them are looked for together. */
const MANY = 64
/** Those of so many characters cannot be very many in one file, and are looked for one by one. */
const isLong = (text: string): boolean => text.length > 128

/** What is meant, as it is often written (the typos are those that Google's parser knows). */
const USER_AGENT = /^user[- ]?agent$/
const DISALLOW = /^(?:d[ei]s{1,2}al{1,2}ow|diasllow|disallaw)$/
const SITEMAP = /^site-?maps?$/
/** No rules, and in no standard, but what is said to a group: the next User-agent begins another. */
const PACE = /^(?:crawl-delay|request-rate)$/

/**
 * A site's rules for crawlers (RFC 9309). The group that names a crawler counts for it, or else the one for `*`; of the rules that
 * fit a path the longest decides, and `Allow` before `Disallow` among equals.
 *
 * @example
 * const robots = Robots.parse(page.text)
 * if (robots.allows('https://example.org/private/', 'greenlit')) ...
 */
export class Robots {
  /** Rules that let everything through: there is no file, or an empty one. */
  static readonly allowAll: Robots = new Robots([], [], true)
  /** Rules that let nothing through: the site cannot say what it wants (RFC 9309 section 2.3.1.4). */
  static readonly disallowAll: Robots = new Robots([], [], false)

  /** The sitemaps that the file names, as absolute URLs. */
  readonly sitemaps: readonly string[]
  private readonly groups: readonly RuleGroup[]
  private readonly otherwise: boolean
  private readonly chosen = new Map<string, Rules | undefined>()

  private constructor(groups: readonly RuleGroup[], sitemaps: readonly string[], otherwise: boolean) {
    this.groups = groups
    this.sitemaps = sitemaps
    this.otherwise = otherwise
  }

  /**
   * Reads a robots.txt; what is no rule is passed over, and so is what follows the first 500 KiB.
   *
   * @param text the file
   * @param base the URL that it came from, which sitemaps may leave out; without one only those with a whole URL count
   */
  static parse(text: string, base?: string | URL): Robots {
    checkString(text, 'text')
    return atOnce(Robots.parseInSteps(text, base))
  }

  /** @internal The same in steps, a line each. */
  static *parseInSteps(text: string, base?: string | URL): Generator<undefined, Robots> {
    const groups: RuleGroup[] = []
    const sitemaps: string[] = []
    let group: RuleGroup | undefined
    let named = false
    const whole = text.length > LONGEST ? wholeLines(text.slice(0, LONGEST)) : text
    // A byte order mark, or what a decoder makes of half of one.
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
        // A sitemap belongs to no group and ends none.
        if (URL.canParse(value, base)) sitemaps.push(base === undefined ? value : new URL(value, base).href)
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
   * Whether a crawler may fetch a URL.
   *
   * @param url what it wants, absolute or from the root of the site
   * @param userAgent the crawler's name, as `greenlit` or a whole User-Agent header
   */
  allows(url: string | URL, userAgent: string): boolean {
    const group = this.groupFor(userAgent)
    if (group === undefined) return this.otherwise
    const { pathname, search } = new URL(url, 'http://host/')
    if (pathname === '/robots.txt') return true
    // What stands in a URL stands for itself (RFC 9309 section 2.2.3).
    const path = normalised(`${pathname}${search}`).replaceAll('*', '%2A')
    const found = group.texts && occurrencesOf(group.texts, path)
    let best: Rule | undefined
    for (const rule of group.rules) {
      if (best !== undefined && (rule.length < best.length || (rule.length === best.length && best.allow))) continue
      if (matches(path, rule, found)) best = rule
    }
    return best?.allow ?? true
  }

  /** How long a crawler is asked to wait between two requests, in milliseconds, if it is (`Crawl-delay`, which no standard has). */
  crawlDelay(userAgent: string): number | undefined {
    return this.groupFor(userAgent)?.crawlDelay
  }

  /** All groups that name the crawler, taken together, or else all for `*` (RFC 9309 section 2.2.1). */
  private groupFor(userAgent: string): Rules | undefined {
    checkString(userAgent, 'userAgent')
    const name = agentOf(userAgent)
    if (!this.chosen.has(name)) {
      let groups = name === '' ? [] : this.groups.filter(({ agents }) => agents.includes(name))
      if (groups.length === 0) groups = this.groups.filter(({ agents }) => agents.includes('*'))
      this.chosen.set(name, groups.length === 0 ? undefined : together(groups))
    }
    return this.chosen.get(name)
  }
}

function together(groups: readonly RuleGroup[]): Rules {
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
  // A pattern that begins with neither would never fit a path; crawlers take it as one from the root.
  const rooted = /^[/*]/.test(plain) ? plain : `/${plain}`
  const pieces = rooted.includes('*') ? rooted.split(/\*+/) : [rooted]
  // Anything may follow a path anyway.
  if (!anchored && pieces.at(-1) === '') pieces.pop()
  return { allow, anchored, length: rooted.length + (anchored ? 1 : 0), pieces }
}

/** Escapes in one form: upper case, only where needed, other characters as UTF-8 (RFC 9309 section 2.2.2); all is ASCII then. */
function normalised(path: string): string {
  // A URL has an apostrophe escaped in its query; a dollar sign only means the end where it is one, which is not here.
  const text = requote(path).replaceAll("'", '%27').replaceAll('$', '%24')
  // In a query these need no escape, and may have one: the RFC's own example is a URL in a parameter.
  const query = text.indexOf('?')
  return query < 0 ? text : text.slice(0, query) + text.slice(query).replaceAll('%2F', '/').replaceAll('%3A', ':')
}

/** A text that may have been cut without the line that it was cut in: half a path would be a rule for far more. */
export function wholeLines(text: string): string {
  return text.slice(0, Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1)
}

/** Whether a pattern fits a path in which the texts of all patterns were found, or are still to be looked for. */
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
