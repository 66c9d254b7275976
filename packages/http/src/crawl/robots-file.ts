import { productToken } from './product-token.ts'
import { type Rule, ruleOf } from './robots-rule.ts'

// Field names with their common misspellings (those that Google's parser accepts).
const USER_AGENT = /^user[- ]?agent$/
const DISALLOW = /^(?:d[ei]s{1,2}al{1,2}ow|diasllow|disallaw)$/
const SITEMAP = /^site-?maps?$/
/** Non-standard fields of a group. They are not rules, but like rules they end its list of User-agent lines. */
const PACE = /^(?:crawl-delay|request-rate)$/

/** The rules under one or more `User-agent` lines. */
export interface RuleGroup {
  readonly agents: string[]
  readonly rules: Rule[]
  crawlDelay: number | undefined
}

/** Collects the groups and sitemaps of a robots.txt, line by line. */
export class RobotsFile {
  readonly groups: RuleGroup[] = []
  /** Absolute URLs. */
  readonly sitemaps: string[] = []
  private readonly base: string | URL | undefined
  /** Whether a User-agent line would add to the names of the last group, rather than begin a new one. */
  private isNaming = false

  /** @param base the URL of the file, against which sitemap URLs are resolved; without it only absolute ones are listed */
  constructor(base: string | URL | undefined) {
    this.base = base
  }

  /** Reads a line. One that cannot be parsed is ignored. */
  readLine(line: string): void {
    const parts = /^\s*([\w-]+(?: agent)?)\s*:\s*([^#]*)/i.exec(line)
    if (parts === null) return
    const field = parts[1]!.toLowerCase()
    const value = parts[2]!.trim()
    if (USER_AGENT.test(field)) this.addAgents(value)
    // A Sitemap line belongs to no group and does not end one.
    else if (SITEMAP.test(field)) this.addSitemap(value)
    else if (this.groups.length > 0) this.addToGroup(this.groups.at(-1)!, field, value)
  }

  private addAgents(names: string): void {
    if (!this.isNaming) this.groups.push({ agents: [], rules: [], crawlDelay: undefined })
    this.isNaming = true
    const { agents } = this.groups.at(-1)!
    for (const name of names.split(',')) agents.push(agentOf(name.trim()))
  }

  private addSitemap(url: string): void {
    const { base } = this
    if (url === '' || !URL.canParse(url, base)) return
    this.sitemaps.push(base === undefined ? url : new URL(url, base).href)
  }

  private addToGroup(group: RuleGroup, field: string, value: string): void {
    const isAllow = field === 'allow'
    if (isAllow || DISALLOW.test(field)) {
      this.isNaming = false
      if (value !== '') group.rules.push(ruleOf(value, isAllow))
    } else if (PACE.test(field)) {
      this.isNaming = false
      const seconds = Number(value)
      const isDelay = field === 'crawl-delay' && value !== '' && seconds >= 0 && seconds < Infinity
      if (isDelay) group.crawlDelay = seconds * 1000
    }
  }
}

/** Returns the name of a crawler as it is compared: its product token in lower case, or `*`. */
export const agentOf = (value: string): string => (value.startsWith('*') ? '*' : productToken(value))
