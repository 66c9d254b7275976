import { BlockList, isIP } from 'node:net'

/**
 * Whether a URL is requested without a proxy (requests: should_bypass_proxies).
 *
 * @param list in the format of `NO_PROXY`: hosts, with or without a port, which include their subdomains; addresses; networks such as
 *   `10.0.0.0/8`; `*` for everything. Separated by commas or spaces
 */
export function bypassesProxy(url: URL, list: string): boolean {
  const host = bare(url.hostname)
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list.split(/[\s,]+/).some((entry) => entry !== '' && matches(entry.toLowerCase(), host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInNetwork(entry, host)
  if (isIP(bare(entry)) !== 0) return spelledAsInUrls(bare(entry)) === host
  const withPort = /^(.*):(\d+)$/.exec(entry)
  if (withPort !== null && withPort[2] !== port) return false
  const name = spelledAsInUrls(bare(withPort?.[1] ?? entry).replace(/^\*?\.+/, ''))
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`))
}

function isInNetwork(network: string, host: string): boolean {
  const family = isIP(host)
  const [address = '', bits = ''] = network.split('/')
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits)) return false
  if (Number(bits) > (family === 4 ? 32 : 128)) return false
  const list = new BlockList()
  list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6')
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6')
}

/** An IPv6 address can be written in several ways, of which a parsed URL has the shortest. */
function spelledAsInUrls(host: string): string {
  return isIP(host) === 6 && !host.includes('%') ? bare(new URL(`http://[${host}]`).hostname) : host
}

function bare(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}
