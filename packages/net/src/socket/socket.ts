import type { Operation } from '@greenlit/core'
import { Call, checkOptions } from '@greenlit/core/engine'
import { type Address, checkAddress, type InetAddress } from '../address/address.ts'
import type { AddressFamily, SocketType } from '../address/family.ts'
import {
  AF_INET,
  type AF_INET6,
  AF_UNIX,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOMAXCONN,
} from '../constants.ts'
import { connectDatagrams } from '../datagram/calls.ts'
import { osError } from '../errors/make.ts'
import { type FileOf, makefile } from '../file/makefile.ts'
import type { MakefileOptions } from '../file/socket-file.ts'
import { NetTransport } from '../stream/net-transport.ts'
import { Accept } from './accept.ts'
import { bindSocket } from './bind.ts'
import { Connect } from './connect.ts'
import { peerAddressOf } from './connect-attempt.ts'
import { connectEx } from './connect-ex.ts'
import type { Description } from './description.ts'
import { checkBacklog, checkListenOptions, type ListenOptions, listen } from './listen.ts'
import { notListening } from './listener.ts'
import { SendingSocket } from './sending-socket.ts'
import type { SocketBase, SocketOptions } from './socket-base.ts'
import { StreamDescription } from './stream-description.ts'
import { applyStreamOptions } from './stream-options.ts'
import { type CallOptions, callTimeout, type RecvOptions } from './timeouts.ts'

/**
 * A cooperative socket (Python: socket.socket). Every call that may wait is an operation: `yield*` it. Calls are limited by
 * `settimeout` and by their own `timeout`; a kill or a timeout in a receiving call loses no byte. One greenlet may receive while
 * another sends; a second receiver gets `ConcurrentObjectUseError`.
 *
 * @example
 * const client = socket()
 * yield* client.connect(['127.0.0.1', 8080])
 * yield* client.sendall('hello\n')
 * const answer = yield* client.recv(1024)
 * client.close()
 */
export class Socket extends SendingSocket {
  /**
   * Gives the socket an address of its own (Python: bind). Names are looked up.
   *
   * @param address `[host, port]`, or a path for AF_UNIX; host '' is every interface, port 0 a free one
   * @throws {OSError} EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL if it is bound already; {TypeError} or {RangeError} at once for
   * another shape
   */
  bind(address: Address): Operation<undefined> {
    return new Call(bindSocket, [this as SocketBase, checkAddress(this.family, address, 'bind')])
  }

  /**
   * Makes the socket accept connections (Python: listen). Without `bind` it gets a port of its own.
   *
   * @param backlog how many connections the kernel keeps waiting; below 1 counts as 1. Default 511
   * @param options `maxPending`: how many that Node took may wait for `accept` before the newest are reset; default no end
   * @throws {OSError} EADDRINUSE, EOPNOTSUPP for datagrams, EINVAL if it is connected
   */
  listen(backlog = 511, options?: ListenOptions): Operation<undefined> {
    const size = Math.min(Math.max(checkBacklog(backlog), 1), SOMAXCONN)
    return new Call(listen, [this, size, checkListenOptions(options)])
  }

  /**
   * Waits for the next connection (Python: accept). The new socket has the default limit, not this one's. A connection that a
   * kill kept from being delivered goes to the next `accept`.
   *
   * @param options `timeout`: milliseconds
   * @returns the socket and the peer's address
   * @throws {OSError} EINVAL if it does not listen, EBADF when it is closed; {TimeoutError}, {BlockingIOError}
   */
  accept(options?: CallOptions): Operation<[Socket, Address]> {
    return new Accept<[Socket, Address], SocketBase>(this, adopt, callTimeout(options))
  }

  /**
   * Connects (Python: connect). For datagrams it sets where `send` goes and from whom to receive.
   *
   * @param address `[host, port]`, or a path for AF_UNIX; names are looked up
   * @param options `timeout`: milliseconds
   * @throws {OSError} ECONNREFUSED and its like; {gaierror} for an unknown name; {TimeoutError} when its time is over;
   * {BlockingIOError} EINPROGRESS with a limit of 0
   */
  connect(address: Address, options?: CallOptions): Operation<undefined> {
    const checked = checkAddress(this.family, address, 'connect')
    if (this.type === SOCK_DGRAM) return new Call(connectDatagrams, [this, checked])
    return new Connect(this, checked, callTimeout(options))
  }

  /**
   * As `connect`, but answers the number of the failure, 0 for none (Python: connect_ex). Errors of name look-ups are thrown; the
   * end of its time is EAGAIN.
   */
  connectEx(address: Address, options?: CallOptions): Operation<number> {
    return new Call(connectEx, [this.connect(address, options)])
  }

  /**
   * Ends one or both directions (Python: shutdown); the socket stays open.
   *
   * @param how SHUT_RD: `recv` gives what is there, then the end; SHUT_WR: the peer reads the end; SHUT_RDWR: both. A socket that
   * listens stops by SHUT_RD and SHUT_RDWR; who waits in `accept` gets EINVAL
   * @throws {OSError} ENOTCONN without a connection, or once it is over in both directions, EINVAL for another `how`, EOPNOTSUPP for connected datagrams
   */
  shutdown(how: number): void {
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) throw osError('EINVAL')
    if (this.type === SOCK_DGRAM) throw osError(this.datagramsOf().peer === undefined ? 'ENOTCONN' : 'EOPNOTSUPP')
    if (this.listenerOf() !== null) {
      if (how !== SHUT_WR) stopListening(this.streamOf())
      return
    }
    // A connection that is on its way is none yet.
    if (this.streamOf().attempt !== null) throw osError('ENOTCONN')
    const transport = this.connected('ENOTCONN')
    // The kernel forgets an internet connection that both ends have ended, or that was reset.
    if (this.family !== AF_UNIX && transport instanceof NetTransport && transport.gone) throw osError('ENOTCONN')
    if (how !== SHUT_RD && !transport.sendEnded) transport.endSending()
    if (how !== SHUT_WR) {
      transport.startReading()
      transport.endReading()
    }
  }

  /**
   * Makes a file on the socket (Python: makefile); the connection stays until the file and the socket are closed.
   *
   * @param mode of 'r' (default), 'w' and 'b': reading, writing, bytes instead of text
   * @param options see `MakefileOptions`; a number is `buffering`
   * @throws {RangeError} for another mode, and for text without buffering
   */
  makefile<M extends string = 'r'>(mode: M = 'r' as M, options?: number | MakefileOptions): FileOf<M> {
    this.openDescription()
    return makefile(this, mode, options)
  }

  /** Another socket on the same connection; it stays open until both are closed (Python: dup). It has its own limit. */
  dup(): Socket {
    const description = this.openDescription()
    description.share()
    const copy = new Socket(this.family, this.type, this.proto, { description })
    copy.timeoutValue = this.timeoutValue
    return copy
  }
}

/** A socket of AF_INET or AF_INET6, whose addresses are `[host, port]` then. It is a `Socket` by class. */
export interface InetSocket extends Socket {
  accept(options?: CallOptions): Operation<[InetSocket, InetAddress]>
  getsockname(): InetAddress
  getpeername(): InetAddress
  recvfrom(
    bufsize: number,
    flags?: number | RecvOptions,
    options?: RecvOptions,
  ): Operation<[data: Buffer, address: InetAddress]>
  recvfromInto(
    buffer: ArrayBufferView,
    nbytes?: number,
    flags?: number | RecvOptions,
    options?: RecvOptions,
  ): Operation<[size: number, address: InetAddress]>
  dup(): InetSocket
}

/** What `socket` takes by name, as in Python. */
interface SocketKeywords extends SocketOptions {
  family?: number
  type?: number
  proto?: number
}

/**
 * Makes a socket (Python: socket.socket).
 *
 * @param family AF_INET (default), AF_INET6 or AF_UNIX
 * @param type SOCK_STREAM (default) or SOCK_DGRAM
 * @param proto 0, or the type's own protocol
 * @param options `fileno`: the number of an open socket to take over. `family`, `type` and `proto` may be among them, by themselves
 * @throws {OSError} EAFNOSUPPORT, EPROTONOSUPPORT for what Node has no sockets for
 * @example
 * const server = socket(AF_INET, SOCK_STREAM)
 * yield* server.bind(['127.0.0.1', 0])
 * yield* server.listen()
 */
export function socket(
  family?: typeof AF_INET | typeof AF_INET6,
  type?: number,
  proto?: number,
  options?: SocketOptions,
): InetSocket
export function socket(options: SocketKeywords): Socket
export function socket(family?: number, type?: number, proto?: number, options?: SocketOptions): Socket
export function socket(family?: number | SocketKeywords, type?: number, proto = 0, options?: SocketOptions): Socket {
  if (typeof family === 'object' && family !== null) {
    const { family: named, type: kind, proto: protocol, ...others } = family
    return socket(named, kind, protocol, others)
  }
  return new Socket(
    (family ?? AF_INET) as AddressFamily,
    (type ?? SOCK_STREAM) as SocketType,
    proto,
    checkOptions(options),
  )
}

/** A socket on a connection that is there already. */
export function socketOn(description: Description): Socket {
  return new Socket(description.family, description.type, 0, { description })
}

function stopListening(description: StreamDescription): void {
  const { listener } = description
  description.listener = null
  listener?.close(notListening())
  description.changed()
}

const WILDCARDS = ['0.0.0.0', '::']

function adopt(listener: SocketBase, transport: NetTransport): [Socket, Address] {
  const { family } = listener
  const description = new StreamDescription(family)
  const peer = peerAddressOf(family, transport.netSocket, '')
  if (family === AF_UNIX) description.peerAddress = peer
  // Node knows the paths of listeners only, and forgets the addresses of connections that have ended.
  const own = listener.description?.localName
  if (own !== undefined && !WILDCARDS.includes(own[0]!)) description.localAddress = own
  // As in the kernel, a connection has what was set on its listener.
  if (listener.description !== null) description.options = listener.description.options
  applyStreamOptions(description, transport.netSocket)
  description.adopt(transport)
  return [socketOn(description), peer]
}
