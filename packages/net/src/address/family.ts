import { show } from '@greenlit/core/engine'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from '../constants.ts'
import { osError } from '../errors/make.ts'

/** AF_INET, AF_INET6 or AF_UNIX. */
export type AddressFamily = typeof AF_INET | typeof AF_INET6 | typeof AF_UNIX
/** SOCK_STREAM or SOCK_DGRAM. */
export type SocketType = typeof SOCK_STREAM | typeof SOCK_DGRAM

/** Validates an address family; throws EAFNOSUPPORT for one that Node does not support. */
export function checkFamily(family: unknown): AddressFamily {
  if (!Number.isInteger(family)) throw new TypeError(`Expected \`family\` to be one of AF_*, got ${show(family)}`)
  if (family === AF_INET || family === AF_INET6 || family === AF_UNIX) return family
  throw osError(
    'EAFNOSUPPORT',
    `Address family not supported by protocol: expected AF_INET, AF_INET6 or AF_UNIX, got ${family}`,
  )
}

/** Validates a protocol; throws EPROTONOSUPPORT unless it is 0 or the one that belongs to the family and type. */
export function checkProtocol(family: AddressFamily, type: SocketType, proto: unknown): number {
  if (!isWhole(proto)) throw new TypeError(`Expected \`proto\` to be one of IPPROTO_*, got ${show(proto)}`)
  const own = family === AF_UNIX ? 0 : type === SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP
  if (proto === 0 || proto === own) return proto
  throw osError('EPROTONOSUPPORT', `Protocol not supported: expected ${own === 0 ? 0 : `0 or ${own}`}, got ${proto}`)
}

/** Validates a socket type, without its SOCK_NONBLOCK and SOCK_CLOEXEC; throws EPROTONOSUPPORT unless Node supports it. */
export function checkType(type: unknown): SocketType {
  if (!isWhole(type)) throw new TypeError(`Expected \`type\` to be one of SOCK_*, got ${show(type)}`)
  const kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)
  if (kind === SOCK_STREAM || kind === SOCK_DGRAM) return kind
  throw osError(
    'EPROTONOSUPPORT',
    `Protocol not supported: Node has only SOCK_STREAM and SOCK_DGRAM sockets, got type ${type}`,
  )
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value)
}
