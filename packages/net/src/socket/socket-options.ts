import { show } from '@greenlit/core/engine'
import {
  IP_MULTICAST_LOOP,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_MULTICAST_LOOP,
  IPV6_V6ONLY,
  SO_ACCEPTCONN,
  SO_BROADCAST,
  SO_DOMAIN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_PROTOCOL,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from '../constants.ts'
import type { DatagramDescription } from '../datagram/datagram-description.ts'
import { getDatagramOption, setDatagramOption, takesAddress } from '../datagram/datagram-options.ts'
import type { Description } from '../description/description.ts'
import { checkOption, noOption } from '../description/options.ts'
import { osError } from '../errors/make.ts'
import { OSError } from '../errors/os-error.ts'
import { unpackOption } from './packed-option.ts'
import { canReusePort } from './reuse-port.ts'
import type { StreamDescription } from './stream-description.ts'
import { getStreamOption, setStreamOption } from './stream-options.ts'

/** Options that are on or off. As in the kernel, every number but 0 turns them on and is read back as 1. */
const SWITCHES: ReadonlySet<string> = new Set([
  `${SOL_SOCKET}/${SO_REUSEADDR}`,
  `${SOL_SOCKET}/${SO_REUSEPORT}`,
  `${SOL_SOCKET}/${SO_KEEPALIVE}`,
  `${SOL_SOCKET}/${SO_BROADCAST}`,
  `${IPPROTO_TCP}/${TCP_NODELAY}`,
  `${IPPROTO_IP}/${IP_MULTICAST_LOOP}`,
  `${IPPROTO_IPV6}/${IPV6_MULTICAST_LOOP}`,
  `${IPPROTO_IPV6}/${IPV6_V6ONLY}`,
])

/** Sets an option of a stream or datagram socket. */
export function setSocketOption(description: Description, level: number, option: number, given: unknown): void {
  checkOption(level, option)
  if (given === undefined) throw new TypeError('Expected `value` to be given, got undefined')
  const value = unpackOption(level, option, given)
  if (level === SOL_SOCKET && option === SO_REUSEPORT && value && !canReusePort(description.type)) {
    throw noOption(level, option)
  }
  // Node sets SO_REUSEADDR on every listener: it cannot be turned off.
  if (level === SOL_SOCKET && option === SO_REUSEADDR && !value && description.type === SOCK_STREAM) {
    throw noOption(level, option)
  }
  if (level === IPPROTO_IPV6 && option === IPV6_V6ONLY && description.localName !== undefined) throw osError('EINVAL')
  if (description.type === SOCK_STREAM) {
    setStreamOption(description as StreamDescription, level, option, optionNumber(level, option, value))
  } else if (takesAddress(level, option) && (Array.isArray(value) || typeof value === 'string')) {
    setDatagramOption(description as DatagramDescription, level, option, value as string | unknown[])
  } else {
    setDatagramOption(description as DatagramDescription, level, option, optionNumber(level, option, value))
  }
}

function optionNumber(level: number, option: number, given: unknown): number {
  const value = level === SOL_SOCKET && option === SO_LINGER ? lingerOf(given) : given
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number' && Number.isInteger(value)) {
    return value !== 0 && SWITCHES.has(`${level}/${option}`) ? 1 : value
  }
  throw new TypeError(`Expected \`value\` to be a whole number or a boolean, got ${show(value)}`)
}

/** Returns SO_LINGER as one number: -1 for off, otherwise the seconds. */
function lingerOf(given: unknown): unknown {
  if (!Array.isArray(given)) throw osError('EINVAL', 'Invalid argument: SO_LINGER takes [on, seconds]')
  return given[0] ? given[1] : -1
}

/** Reads an option of a stream or datagram socket. */
export function getSocketOption(description: Description, level: number, option: number): number {
  checkOption(level, option)
  if (level === SOL_SOCKET) {
    if (option === SO_TYPE) return description.type
    if (option === SO_DOMAIN) return description.family
    if (option === SO_PROTOCOL) return description.protocol
    if (option === SO_ERROR) {
      // Node notices nothing on a connection that is not being read. Start reading, so that a later call can report the error.
      description.startWatching()
      return errorNumber(description.takeError())
    }
    if (option === SO_ACCEPTCONN) return description.isListening ? 1 : 0
  }
  return description.type === SOCK_STREAM
    ? getStreamOption(description as StreamDescription, level, option)
    : getDatagramOption(description as DatagramDescription, level, option)
}

function errorNumber(error: Error | null): number {
  return error instanceof OSError ? (error.errno ?? 0) : 0
}
