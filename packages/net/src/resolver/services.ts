import { show } from '@greenlit/core/engine'
import { checkPort } from '../address/address.ts'
import { OSError } from '../errors/os-error.ts'

/** The ports of the best-known services, as in /etc/services. */
const PORTS: Readonly<Record<string, number>> = {
  echo: 7,
  discard: 9,
  daytime: 13,
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  time: 37,
  domain: 53,
  tftp: 69,
  gopher: 70,
  finger: 79,
  http: 80,
  pop3: 110,
  ntp: 123,
  imap2: 143,
  imap: 143,
  snmp: 161,
  irc: 194,
  ldap: 389,
  https: 443,
  syslog: 514,
  submission: 587,
  ldaps: 636,
  imaps: 993,
  pop3s: 995,
  socks: 1080,
  mysql: 3306,
  postgresql: 5432,
  redis: 6379,
  'http-alt': 8080,
}

/**
 * Returns the port of a well-known service (Python: socket.getservbyname).
 *
 * @param service its name, such as 'http'
 * @param protocol 'tcp' or 'udp', with the same result; default either
 * @throws {OSError} if the service or protocol is unknown; {TypeError} if `service` is not a string
 * @example
 * getservbyname('http') // 80
 */
export function getservbyname(service: string, protocol?: string): number {
  if (typeof service !== 'string')
    throw new TypeError(`getservbyname(): expected \`service\` to be a string, got ${show(service)}`)
  const port = portOf(service)
  if (port === undefined || !isProtocol(protocol))
    throw new OSError('EAI_SERVICE', { strerror: 'service/proto not found' })
  return port
}

/**
 * Returns the name of the well-known service on a port (Python: socket.getservbyport).
 *
 * @param port from 0 to 65535
 * @param protocol 'tcp' or 'udp', with the same result; default either
 * @throws {OSError} if the port or protocol is unknown; {TypeError} or {RangeError} for an invalid port
 * @example
 * getservbyport(80) // 'http'
 */
export function getservbyport(port: number, protocol?: string): string {
  checkPort(port, 'getservbyport')
  const name = serviceOf(port)
  if (name === undefined || !isProtocol(protocol))
    throw new OSError('EAI_SERVICE', { strerror: 'port/proto not found' })
  return name
}

/** The well-known service on a port, if there is one. */
export function serviceOf(port: number): string | undefined {
  return Object.entries(PORTS).find(([, known]) => known === port)?.[0]
}

function isProtocol(protocol: string | undefined): boolean {
  return protocol === undefined || protocol === 'tcp' || protocol === 'udp'
}

/** The port of a well-known service, if there is one. */
export function portOf(service: string): number | undefined {
  return Object.hasOwn(PORTS, service) ? PORTS[service] : undefined
}
