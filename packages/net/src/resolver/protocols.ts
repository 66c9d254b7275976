import { show } from '@greenlit/core/engine'
import { OSError } from '../errors/os-error.ts'

/** The numbers of the usual protocols, as in /etc/protocols. */
const NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ip: 0,
    icmp: 1,
    igmp: 2,
    tcp: 6,
    egp: 8,
    udp: 17,
    dccp: 33,
    ipv6: 41,
    rsvp: 46,
    gre: 47,
    esp: 50,
    ah: 51,
    'ipv6-icmp': 58,
    ospf: 89,
    pim: 103,
    sctp: 132,
    udplite: 136,
  }),
)

/**
 * Returns the number of an internet protocol (Python: socket.getprotobyname).
 *
 * @param protocol its name, such as 'tcp'
 * @throws {OSError} if the protocol is unknown; {TypeError} if it is not a string
 * @example
 * getprotobyname('udp') // 17
 */
export function getprotobyname(protocol: string): number {
  if (typeof protocol !== 'string')
    throw new TypeError(`getprotobyname(): expected \`protocol\` to be a string, got ${show(protocol)}`)
  // The file lists each name in capital letters too.
  const number = NUMBERS.get(protocol.toLowerCase())
  if (number === undefined) throw new OSError('EAI_NONAME', { strerror: 'protocol not found' })
  return number
}
