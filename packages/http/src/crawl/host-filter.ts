import { show } from '@greenlit/core/engine'

/** The hosts that a crawl stays on. */
export class HostFilter {
  private readonly hosts = new Set<string>()
  private readonly isGiven: boolean

  /**
   * @param hosts names with or without a port, which include their subdomains, or `*` for any; `undefined` to allow the hosts passed to
   *   `learn`
   * @throws {TypeError} for a value that is not a host
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
      // Not `URL.port`, which is empty for the scheme's default port.
      const port = /:(\d+)$/.exec(name)?.[1]
      const { hostname } = new URL(`http://${name}/`)
      this.hosts.add(port === undefined ? withoutDot(hostname) : `${withoutDot(hostname)}:${Number(port)}`)
    }
  }

  /** Whether no hosts were given, so that `learn` adds them. */
  get learns(): boolean {
    return !this.isGiven
  }

  /** Allows a host, with its port, if no hosts were given to the constructor. */
  learn(host: string): void {
    if (!this.isGiven) this.hosts.add(host)
  }

  allows(url: URL): boolean {
    const { port, protocol } = url
    if (!this.isGiven) return this.hosts.has(url.host)
    const hostname = withoutDot(url.hostname)
    const number = port || (protocol === 'https:' ? '443' : '80')
    const isListed = (name: string): boolean => this.hosts.has(name) || this.hosts.has(`${name}:${number}`)
    if (isListed(hostname) || isListed('*')) return true
    if (/^[\d.]+$|^\[/.test(hostname)) return false
    for (let dot = hostname.indexOf('.'); dot >= 0; dot = hostname.indexOf('.', dot + 1)) {
      if (isListed(hostname.slice(dot + 1))) return true
    }
    return false
  }
}

/** Removes the final dot of a fully qualified name. */
function withoutDot(hostname: string): string {
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
}
