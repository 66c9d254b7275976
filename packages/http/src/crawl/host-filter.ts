import { show } from '@greenlit/core/engine'

/** The hosts that a crawl stays on. */
export class HostFilter {
  private readonly hosts = new Set<string>()
  private readonly isGiven: boolean

  /**
   * @param hosts names, which stand for their subdomains too, with a port or without; `undefined`: those that `learn` hears of
   * @throws {TypeError} for what is no host
   */
  constructor(hosts: Iterable<string> | undefined) {
    this.isGiven = hosts !== undefined
    if (hosts === undefined) return
    if (typeof hosts === 'string' || typeof hosts?.[Symbol.iterator] !== 'function') {
      throw new TypeError(`Expected \`allowedHosts\` to be an array of host names, got ${show(hosts)}`)
    }
    for (const host of hosts) {
      const name = typeof host === 'string' ? host.replace(/^\*?\./, '') : ''
      if (!URL.canParse(`http://${name}/`) || /[/@?#]/.test(name)) {
        throw new TypeError(`Expected \`allowedHosts\` to hold host names, as example.com, got ${show(host)}`)
      }
      this.hosts.add(new URL(`http://${name}/`).host)
    }
  }

  /** Whether none were given, so that it learns of them. */
  get learns(): boolean {
    return !this.isGiven
  }

  /** Lets a host, with its port, in where none were given. */
  learn(host: string): void {
    if (!this.isGiven) this.hosts.add(host)
  }

  allows(url: URL): boolean {
    const { host, hostname } = url
    if (this.hosts.has(host)) return true
    if (!this.isGiven) return false
    if (this.hosts.has(hostname)) return true
    if (/^[\d.]+$|^\[/.test(hostname)) return false
    for (let dot = hostname.indexOf('.'); dot >= 0; dot = hostname.indexOf('.', dot + 1)) {
      const parent = hostname.slice(dot + 1)
      if (this.hosts.has(parent) || this.hosts.has(`${parent}:${url.port}`)) return true
    }
    return false
  }
}
