import { BlockList, isIP } from 'node:net'
import { show } from '@greenlit/core/engine'
import { withoutZone } from './public-address.ts'

/** The addresses, networks and host names that are allowed although they are not public. */
export class AllowList {
  private readonly networks = new BlockList()
  private readonly hosts = new Set<string>()

  /** @throws {TypeError} or {RangeError} for an entry of any other kind */
  constructor(entries: Iterable<string>) {
    if (typeof entries === 'string' || typeof entries?.[Symbol.iterator] !== 'function') {
      throw new TypeError(
        `Expected \`allow\` to be an array of addresses, networks or host names, got ${show(entries)}`,
      )
    }
    for (const entry of entries) this.add(entry)
  }

  /** Whether a host name is allowed, whatever its address. */
  hasHost(host: string): boolean {
    return this.hosts.has(normalHost(host))
  }

  hasAddress(address: string): boolean {
    const bare = withoutZone(address)
    const family = isIP(bare)
    return family !== 0 && this.networks.check(bare, family === 4 ? 'ipv4' : 'ipv6')
  }

  private add(entry: unknown): void {
    if (typeof entry !== 'string' || entry === '') {
      throw new TypeError(`Expected \`allow\` to hold addresses, networks or host names, got ${show(entry)}`)
    }
    const [address = '', prefix, ...rest] = entry.replace(/^\[(.*)\]$/, '$1').split('/')
    const family = isIP(address)
    if (family !== 0) {
      const longest = family === 4 ? 32 : 128
      const length = prefix === undefined ? longest : /^\d+$/.test(prefix) ? Number(prefix) : -1
      if (rest.length > 0 || length < 0 || length > longest) {
        throw new RangeError(`Expected the network ${show(entry)} in \`allow\` to end in /0 to /${longest}`)
      }
      this.networks.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
      return
    }
    const host = prefix === undefined ? hostOf(address) : undefined
    if (host === undefined) {
      throw new RangeError(`Expected \`allow\` to hold addresses, networks or host names, got ${show(entry)}`)
    }
    this.hosts.add(normalHost(host))
  }
}

/** Returns a host name as it stands in URLs; `undefined` for a pattern, or an incomplete address such as 10.1, which none would match. */
function hostOf(name: string): string | undefined {
  if (/[\s:@?#%\\*]/.test(name) || !URL.canParse(`http://${name}/`)) return undefined
  const { hostname } = new URL(`http://${name}/`)
  return isIP(hostname) === 0 ? hostname : undefined
}

function normalHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}
