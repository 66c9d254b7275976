import { BlockList, isIP } from 'node:net'
import { checkString } from '../check-argument.ts'

/** Networks that are not the public internet (IANA special-purpose address registries). */
const SPECIAL_IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]
const SPECIAL_IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['100:0:0:1::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]
/** IPv6 networks whose addresses embed an IPv4 address, and the index of the 16-bit group where it begins. */
const EMBEDDING: readonly (readonly [network: string, prefix: number, group: number])[] = [
  ['::', 96, 6],
  ['::ffff:0:0', 96, 6],
  ['::ffff:0:0:0', 96, 6],
  ['64:ff9b::', 96, 6],
  ['2002::', 16, 1],
]

const special = new BlockList()
for (const [network, prefix] of SPECIAL_IPV4) special.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of SPECIAL_IPV6) special.addSubnet(network, prefix, 'ipv6')
const embedding = EMBEDDING.map(([network, prefix, group]) => {
  const networks = new BlockList()
  networks.addSubnet(network, prefix, 'ipv6')
  return [networks, group] as const
})

/**
 * Whether an address belongs to the public internet, and to no private, loopback, link-local, shared, multicast, documentation or
 * reserved network. An IPv4 address embedded in an IPv6 one (mapped, NAT64, 6to4) is checked as well.
 *
 * @param address an IPv4 or IPv6 address, without brackets; a zone is ignored
 * @returns false also for text that is not an IP address
 * @example
 * isPublicAddress('192.168.1.1') // false
 */
export function isPublicAddress(address: string): boolean {
  checkString(address, 'address')
  const bare = withoutZone(address)
  const family = isIP(bare)
  if (family === 0) return false
  if (special.check(bare, family === 4 ? 'ipv4' : 'ipv6')) return false
  if (family === 4) return true
  for (const [networks, group] of embedding) {
    if (networks.check(bare, 'ipv6')) return isPublicAddress(embeddedAddress(bare, group))
  }
  return true
}

/** Strips the zone, which a link-local address may have. */
export function withoutZone(address: string): string {
  const zone = address.indexOf('%')
  return zone < 0 ? address : address.slice(0, zone)
}

/** The IPv4 address embedded in two groups of an IPv6 address. */
function embeddedAddress(address: string, group: number): string {
  const groups = groupsOf(address)
  const [high = 0, low = 0] = groups.slice(group, group + 2)
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function groupsOf(address: string): number[] {
  // The URL parser rewrites a dotted IPv4 tail as two groups.
  const plain = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [front = '', back] = plain.split('::')
  const numbers = (part: string) => (part === '' ? [] : part.split(':').map((digits) => Number.parseInt(digits, 16)))
  const before = numbers(front)
  if (back === undefined) return before
  const after = numbers(back)
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after]
}
