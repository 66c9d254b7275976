import { createServer as createNetServer } from 'node:net'
import type { Coroutine, Operation } from '@greenlit/core'
import { fromCallback } from '@greenlit/core'
import { Call, checkOptions } from '@greenlit/core/engine'
import { type Address, checkAddress, type InetAddress, showAddress } from '../address/address.ts'
import { type AddressFamily, checkFamily } from '../address/family.ts'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../constants.ts'
import { withContext } from '../errors/make.ts'
import { checkBacklog } from './listen.ts'
import { type InetSocket, Socket } from './socket.ts'

/** Options of `createServer`. */
export interface CreateServerOptions {
  /** AF_INET (default), AF_INET6 or AF_UNIX. */
  family?: number | undefined
  /** As for `listen`. */
  backlog?: number | undefined
  /** Whether other sockets may listen on the same port (SO_REUSEPORT). Default false. */
  reusePort?: boolean | undefined
  /** Whether an AF_INET6 socket also accepts IPv4 connections. Default false. */
  dualstackIPv6?: boolean | undefined
  /** The same as `dualstackIPv6`. */
  dualstackIpv6?: boolean | undefined
}

/**
 * Creates a listening socket (Python: socket.create_server).
 *
 * @param address `[host, port]`, or a path for AF_UNIX
 * @param options see `CreateServerOptions`
 * @throws {OSError} EADDRINUSE and the like, with the address in the message; {RangeError} for `dualstackIPv6` with a family other
 * than AF_INET6
 * @example
 * const server = yield* createServer(['127.0.0.1', 0])
 * const [client, address] = yield* server.accept()
 */
export function createServer(address: InetAddress, options?: CreateServerOptions): Operation<InetSocket>
export function createServer(address: Address, options?: CreateServerOptions): Operation<Socket>
export function createServer(address: Address, options?: CreateServerOptions): Operation<Socket> {
  const given = checkOptions(options)
  const { dualstackIPv6 = given.dualstackIpv6 ?? false } = given
  const family = checkFamily(given.family ?? AF_INET)
  if (dualstackIPv6 && family !== AF_INET6) {
    throw new RangeError('dualstackIPv6 requires AF_INET6: pass `family: AF_INET6`')
  }
  if (given.backlog !== undefined) checkBacklog(given.backlog)
  return new Call(listenAt, [family, checkAddress(family, address, 'createServer'), { ...given, dualstackIPv6 }])
}

function* listenAt(family: AddressFamily, address: Address, options: CreateServerOptions): Coroutine<Socket> {
  const server = new Socket(family, SOCK_STREAM)
  try {
    if (family !== AF_UNIX) server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    if (options.reusePort) server.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
    if (family === AF_INET6) server.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, options.dualstackIPv6 ? 0 : 1)
    yield* server.bind(address)
    yield* server.listen(options.backlog)
    return server
  } catch (error) {
    server.close()
    throw withContext(error, showAddress(address))
  }
}

/**
 * Returns whether this host can accept IPv4 and IPv6 connections on one socket (Python: socket.has_dualstack_ipv6).
 *
 * @example
 * const dualstackIPv6 = yield* hasDualstackIPv6()
 * const server = yield* createServer(['', 0], { family: AF_INET6, dualstackIPv6 })
 */
export function hasDualstackIPv6(): Operation<boolean> {
  return new Call(tryDualstack, [])
}

/**
 * The same as `hasDualstackIPv6`.
 *
 * @example
 * const dualstackIPv6 = yield* hasDualstackIpv6()
 */
export const hasDualstackIpv6: () => Operation<boolean> = hasDualstackIPv6

function* tryDualstack(): Coroutine<boolean> {
  return yield* fromCallback<boolean>((resume) => {
    const server = createNetServer()
    server.once('error', () => resume(undefined, false))
    server.listen({ host: '::', port: 0, ipv6Only: false }, () => server.close(() => resume(undefined, true)))
    return () => server.close()
  })
}
