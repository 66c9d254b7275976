import { readdirSync, readFileSync } from 'node:fs'
import os from 'node:os'
import { show } from '@greenlit/core/engine'
import { OSError } from '../errors/os-error.ts'

/** Where Linux lists its network interfaces, including those without an IPv6 address: Node gives the index only with such an address. */
const LISTING = '/sys/class/net'

/**
 * Returns the index and name of each network interface (Python: socket.if_nameindex). Outside Linux only those with a link-local IPv6
 * address are known.
 *
 * @example
 * for (const [index, name] of ifNameindex()) console.log(index, name)
 */
export function ifNameindex(): [index: number, name: string][] {
  const found = new Map(listed())
  for (const [name, addresses] of Object.entries(os.networkInterfaces())) {
    for (const { scopeid } of addresses ?? []) if (scopeid) found.set(scopeid, name)
  }
  return [...found].sort(([first], [second]) => first - second)
}

function listed(): [index: number, name: string][] {
  try {
    return readdirSync(LISTING).flatMap((name) => {
      const index = listedIndex(name)
      return index === 0 ? [] : [[index, name]]
    })
  } catch {
    return []
  }
}

function listedIndex(name: string): number {
  try {
    return Number(readFileSync(`${LISTING}/${name}/ifindex`, 'utf8'))
  } catch {
    return 0
  }
}

/**
 * Returns the index of a network interface, as multicast options take it (Python: socket.if_nametoindex).
 *
 * @param name its name, such as 'eth0'
 * @throws {OSError} if there is no such interface
 * @example
 * const receiver = socket(AF_INET6, SOCK_DGRAM)
 * receiver.setsockopt(IPPROTO_IPV6, IPV6_JOIN_GROUP, ['ff02::1:3', ifNametoindex('eth0')])
 */
export function ifNametoindex(name: string): number {
  if (typeof name !== 'string') throw new TypeError(`Expected \`name\` to be a string, got ${show(name)}`)
  const found = ifNameindex().find(([, known]) => known === name)
  if (found === undefined) throw new OSError('ENODEV', 'no interface with this name')
  return found[0]
}

/**
 * Returns the name of the network interface with an index (Python: socket.if_indextoname).
 *
 * @throws {OSError} ENXIO if there is no such interface
 * @example
 * ifIndextoname(1) // 'lo'
 */
export function ifIndextoname(index: number): string {
  if (!Number.isInteger(index)) throw new TypeError(`Expected \`index\` to be a whole number, got ${show(index)}`)
  if (index < 0) throw new RangeError(`Expected \`index\` to be a whole number from 0 up, got ${index}`)
  const found = ifNameindex().find(([known]) => known === index)
  if (found === undefined) throw new OSError('ENXIO')
  return found[1]
}
