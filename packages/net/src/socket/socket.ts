import type { Operation } from '@greenlit/core'
import { Call, checkOptions, Done, show } from '@greenlit/core/engine'
import { type Address, type AddressLike, checkAddress, type InetAddress } from '../address/address.ts'
import type { AddressFamily, SocketType } from '../address/family.ts'
import type { BufferLike } from '../bytes.ts'
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
import type { Description } from '../description/description.ts'
import { osError } from '../errors/make.ts'
import { type FileOf, makefile } from '../file/makefile.ts'
import type { MakefileOptions } from '../file/socket-file.ts'
import { NetTransport } from '../stream/net-transport.ts'
import { Accept } from './accept.ts'
import { bindSocket } from './bind.ts'
import { Connect } from './connect.ts'
import { peerAddressOf } from './connect-attempt.ts'
import { connectEx } from './connect-ex.ts'
import { checkBacklog, checkListenOptions, type ListenOptions, listen } from './listen.ts'
import { notListening } from './listener.ts'
import { SendingSocket } from './sending-socket.ts'
import type { SocketBase } from './socket-base.ts'
import type { SocketOptions } from './socket-handle.ts'
import { StreamDescription } from './stream-description.ts'
import { applyStreamOptions } from './stream-options.ts'
import { type CallOptions, callTimeout, type RecvIntoOptions, type RecvOptions } from './timeouts.ts'

/**
 * A cooperative socket (Python: socket.socket). Every call that may block is an operation: `yield*` it. `settimeout`, or a call's
 * own `timeout`, bounds how long it blocks. A receiving call that is killed or times out loses no bytes. One greenlet may receive
 * while another sends; a second concurrent receiver gets `ConcurrentObjectUseError`.
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
   * Binds the socket to a local address (Python: bind). Host names are resolved.
   *
   * @param address `[host, port]`, or a path for AF_UNIX; host '' means all interfaces, port 0 any free port
   * @throws {OSError} EADDRINUSE, EADDRNOTAVAIL, EACCES, or EINVAL if the socket is already bound; {TypeError} or {RangeError}
   * immediately for a malformed address
   */
  bind(address: AddressLike): Operation<undefined> {
    return new Call(bindSocket, [this as SocketBase, checkAddress(this.family, address, 'bind')])
  }

  /**
   * Starts listening for connections (Python: listen). A socket that is not bound gets a free port on all interfaces.
   *
   * @param backlog the length of the kernel's queue; values below 1 count as 1. Default 511
   * @param options `maxPending`: how many connections that Node has accepted may queue for `accept` before new ones are reset;
   * default unlimited
   * @throws {OSError} EADDRINUSE, EOPNOTSUPP for datagram sockets, EINVAL if the socket is connected
   */
  listen(backlog = 511, options?: ListenOptions): Operation<undefined> {
    const size = Math.min(Math.max(checkBacklog(backlog), 1), SOMAXCONN)
    return new Call(listen, [this, size, checkListenOptions(options)])
  }

  /**
   * Waits for the next connection (Python: accept). The new socket gets the default timeout, not the listener's. A connection
   * that could not be delivered because the accepting greenlet was killed goes to the next `accept`.
   *
   * @param options `timeout`: milliseconds
   * @returns the new socket and the peer's address
   * @throws {OSError} EINVAL if the socket is not listening, EBADF once it is closed; {TimeoutError}, {BlockingIOError}
   */
  accept(options?: CallOptions): Operation<[Socket, Address]> {
    return new Accept<[Socket, Address], SocketBase>(this, adopt, callTimeout(options))
  }

  /**
   * Connects to a peer (Python: connect). On a datagram socket it sets the destination of `send` and the only sender to receive
   * from.
   *
   * @param address `[host, port]`, or a path for AF_UNIX; host names are resolved
   * @param options `timeout`: milliseconds
   * @throws {OSError} ECONNREFUSED and the like; {gaierror} for an unknown name; {TimeoutError} when the timeout expires;
   * {BlockingIOError} EINPROGRESS with a timeout of 0
   */
  connect(address: AddressLike, options?: CallOptions): Operation<undefined> {
    const checked = checkAddress(this.family, address, 'connect')
    const timeout = callTimeout(options)
    if (this.type === SOCK_DGRAM) return new Call(connectDatagrams, [this, checked, timeout])
    return new Connect(this, checked, timeout)
  }

  /**
   * Like `connect`, but returns the errno of a failure, or 0 on success (Python: connect_ex). Name resolution errors are still
   * thrown; a timeout is EAGAIN.
   */
  connectEx(address: AddressLike, options?: CallOptions): Operation<number> {
    return new Call(connectEx, [this.connect(address, options)])
  }

  /**
   * Shuts down one or both directions of the connection (Python: shutdown). The socket itself stays open.
   *
   * @param how SHUT_RD: `recv` returns what has already arrived, then end of stream; SHUT_WR: the peer sees end of stream;
   * SHUT_RDWR: both. On a listening socket SHUT_RD and SHUT_RDWR stop listening, and a greenlet blocked in `accept` gets EINVAL
   * @returns an operation that completes immediately: the call itself has shut the socket down
   * @throws {OSError} ENOTCONN if the socket is not connected or both directions have already ended, EINVAL for any other `how`
   */
  shutdown(how: number): Operation<undefined> {
    checkHow(how)
    if (this.type === SOCK_DGRAM) this.datagramsOf().shutdown(how)
    else if (this.listenerOf() === null) this.shutdownConnection(how)
    else if (how !== SHUT_WR) stopListening(this.streamOf())
    return new Done()
  }

  private shutdownConnection(how: number): void {
    // A failure to connect stays for the next call: shutting down does not report it.
    if (this.streamOf().transport === null) throw osError('ENOTCONN')
    const transport = this.connected('ENOTCONN')
    // For a TCP connection that both ends have shut down, or that was reset, the kernel reports ENOTCONN.
    if (this.family !== AF_UNIX && transport instanceof NetTransport && transport.gone) throw osError('ENOTCONN')
    if (how !== SHUT_RD && !transport.sendEnded) transport.endSending()
    if (how === SHUT_WR) return
    transport.startReading()
    transport.endReading()
  }

  /**
   * Returns a file object for the socket (Python: makefile). The connection stays open until both the file and the socket are
   * closed.
   *
   * @param mode any of 'r' (read, the default), 'w' (write) and 'b' (bytes instead of text)
   * @param buffering as in `MakefileOptions`; or the options object
   * @param options see `MakefileOptions`
   * @throws {RangeError} for any other mode, and for text without buffering; {OSError} EOPNOTSUPP on a datagram socket
   */
  makefile<M extends string = 'r'>(
    mode: M = 'r' as M,
    buffering?: number | MakefileOptions,
    options?: MakefileOptions,
  ): FileOf<M> {
    this.openDescription()
    if (this.type === SOCK_DGRAM) {
      throw osError('EOPNOTSUPP', 'Operation not supported: only a stream socket can be read and written as a file')
    }
    return makefile(
      this,
      mode,
      typeof buffering === 'number' ? { ...checkOptions(options), buffering } : (buffering ?? options),
    )
  }

  /**
   * Returns another socket for the same connection, which stays open until both are closed (Python: dup). The copy starts with
   * this socket's timeout; later changes to either do not affect the other.
   */
  dup(): Socket {
    const description = this.openDescription()
    description.share()
    const copy = new Socket(this.family, this.type, this.proto, { description })
    copy.timeoutValue = this.timeoutValue
    return copy
  }
}

/** A `Socket` of AF_INET or AF_INET6, typed so that its addresses are `[host, port]`. At run time its class is `Socket`. */
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
    buffer: BufferLike,
    nbytes?: number | RecvIntoOptions,
    flags?: number | RecvOptions,
    options?: RecvOptions,
  ): Operation<[size: number, address: InetAddress]>
  dup(): InetSocket
}

/** The arguments of `socket` by name, like Python's keyword arguments. */
interface SocketKeywords extends SocketOptions {
  family?: number | undefined
  type?: number | undefined
  proto?: number | undefined
}

/**
 * Creates a socket (Python: socket.socket). An object as the only argument gives `family`, `type`, `proto` and `fileno` by name.
 *
 * @param family AF_INET (default), AF_INET6 or AF_UNIX
 * @param type SOCK_STREAM (default) or SOCK_DGRAM; plus SOCK_NONBLOCK for a non-blocking socket
 * @param proto 0, or the protocol number of the type: IPPROTO_TCP or IPPROTO_UDP
 * @param options `fileno`: the number of an open socket to take over
 * @throws {OSError} EAFNOSUPPORT or EPROTONOSUPPORT for sockets that Node does not support
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

/** Returns a socket for an existing description, without sharing it: the caller hands over its reference. */
export function socketOn(description: Description): Socket {
  return new Socket(description.family, description.type, 0, { description })
}

function checkHow(how: unknown): void {
  if (how === SHUT_RD || how === SHUT_WR || how === SHUT_RDWR) return
  if (Number.isInteger(how)) throw osError('EINVAL')
  throw new TypeError(`Expected \`how\` to be one of SHUT_*, got ${show(how)}`)
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
  // Node knows the path of a listener but not of its connections, and forgets the addresses of connections that have ended.
  const own = listener.description?.localName
  if (own !== undefined && !WILDCARDS.includes(own[0]!)) description.localAddress = own
  // As in the kernel, a connection inherits its listener's options.
  if (listener.description !== null) description.options = listener.description.options
  applyStreamOptions(description, transport.netSocket)
  description.adopt(transport)
  return [socketOn(description), peer]
}
