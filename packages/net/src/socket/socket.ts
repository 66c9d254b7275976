import type { Coroutine, Operation } from '@greenlit/core'
import { Call, Done, show } from '@greenlit/core/engine'
import { type Address, checkAddress, type InetAddress } from '../address/address.ts'
import type { AddressFamily, SocketType } from '../address/family.ts'
import {
  AF_INET,
  type AF_INET6,
  AF_UNIX,
  MSG_OOB,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOMAXCONN,
} from '../constants.ts'
import { connectDatagrams, sendDatagram } from '../datagram/calls.ts'
import type { ReceiveLimits } from '../datagram/datagram-queue.ts'
import { Receive } from '../datagram/receive.ts'
import { osError } from '../errors/make.ts'
import { type FileOf, makefile } from '../file/makefile.ts'
import { checkFile, checkPart, type SendableFile, type SendfileOptions, sendfile } from '../file/sendfile.ts'
import type { MakefileOptions } from '../file/socket-file.ts'
import { noBytes } from '../stream/byte-queue.ts'
import type { NetTransport } from '../stream/net-transport.ts'
import { Recv, RecvInto, RecvWithFlags } from '../stream/recv.ts'
import { RecvExact } from '../stream/recv-exact.ts'
import { Send, Sendall } from '../stream/sending.ts'
import type { Transport } from '../stream/transport.ts'
import { Accept } from './accept.ts'
import { bindSocket } from './bind.ts'
import { type BytesLike, checkBytes, checkSize, checkTarget } from './bytes.ts'
import { Connect } from './connect.ts'
import { peerAddressOf } from './connect-attempt.ts'
import { connectEx } from './connect-ex.ts'
import type { Description } from './description.ts'
import { checkListenOptions, type ListenOptions, listen } from './listen.ts'
import type { Listener } from './listener.ts'
import { SocketBase, type SocketOptions } from './socket-base.ts'
import { StreamDescription } from './stream-description.ts'
import { applyStreamOptions } from './stream-options.ts'
import { type CallOptions, callTimeout, checkFlags, type RecvOptions } from './timeouts.ts'

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
export class Socket extends SocketBase {
  /** Collects what one turn of the hub sends, then sends it in one piece: for many small messages. `sendall` then does not wait
   * for the kernel, and a failure is told by the next call. Default false. */
  get autoCork(): boolean {
    return this.connected('ENOTCONN').autoCork
  }

  set autoCork(on: boolean) {
    this.connected('ENOTCONN').autoCork = on
  }

  /** @internal */
  connected(code: 'ENOTCONN' | 'EPIPE'): Transport {
    return this.streamOf().connected(code)
  }

  /** @internal */
  listenerOf(): Listener | null {
    return this.streamOf().listener
  }

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
  listen(backlog = 511, options: ListenOptions = {}): Operation<undefined> {
    if (!Number.isInteger(backlog))
      throw new TypeError(`Expected \`backlog\` to be a whole number, got ${show(backlog)}`)
    const size = Math.min(Math.max(backlog, 1), SOMAXCONN)
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
    return new Accept(this, (transport) => adopt(this, transport), callTimeout(options))
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
   * Receives bytes as they come (Python: recv).
   *
   * @param bufsize the most bytes to take, from 0 up
   * @param flags MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT, or the options
   * @param options `timeout`: milliseconds; `flags`
   * @returns 1 to `bufsize` bytes; none at the end of the stream, each time
   * @throws {OSError} ENOTCONN, ECONNRESET, EBADF when closed; {TimeoutError}, {BlockingIOError}; {ConcurrentObjectUseError} if
   * another greenlet receives
   */
  recv(bufsize: number, flags?: number | RecvOptions, options?: RecvOptions): Operation<Buffer> {
    checkSize(bufsize, 'recv')
    // Nothing is there to be asked for: not even a connection (CPython: sock_recv_guts).
    return bufsize === 0 ? new Done(noBytes()) : this.recvSome(bufsize, flags, options)
  }

  private recvSome(bufsize: number, flags?: number | RecvOptions, options?: RecvOptions): Operation<Buffer> {
    if (this.type === SOCK_DGRAM) return receive(this, (data) => data.subarray(0, bufsize), flags, options)
    if (flags === undefined && options === undefined) return new Recv(this, bufsize, undefined)
    const [sum, timeout] = readOptions(flags, options)
    return sum === 0 ? new Recv(this, bufsize, timeout) : new RecvWithFlags(this, bufsize, sum, timeout)
  }

  /**
   * As `recv`, into a buffer (Python: recv_into).
   *
   * @param buffer what to fill from its start
   * @param nbytes the most bytes to take; 0 or `undefined` is the whole buffer
   * @returns how many bytes came
   */
  recvInto(
    buffer: ArrayBufferView,
    nbytes?: number,
    flags?: number | RecvOptions,
    options?: RecvOptions,
  ): Operation<number> {
    const target = checkTarget(buffer, nbytes)
    if (target.length === 0) return new Done(0)
    if (this.type === SOCK_DGRAM) return receive(this, (data) => fill(target, data), flags, options)
    const [sum, timeout] = readOptions(flags, options)
    return new RecvInto(this, target, sum, timeout)
  }

  /**
   * Receives exactly so many bytes, in one piece, however many packets they come in. Bytes that came before a kill or a timeout
   * stay for the next call.
   *
   * @param size how many, from 0 up
   * @param options `timeout`: milliseconds for all of them
   * @throws {IncompleteReadError} at an early end of the stream, with the bytes that came
   */
  recvExact(size: number, options?: CallOptions): Operation<Buffer> {
    return new RecvExact(this, checkSize(size, 'recvExact', 'size'), callTimeout(options))
  }

  /**
   * Receives a datagram and its sender's address (Python: recvfrom). Of a stream it is `recv`, without an address.
   *
   * @param bufsize the most bytes to take; the rest of the datagram is gone
   * @param flags MSG_PEEK, MSG_DONTWAIT, or the options
   * @param options `timeout`: milliseconds; `flags`
   */
  recvfrom(
    bufsize: number,
    flags?: number | RecvOptions,
    options?: RecvOptions,
  ): Operation<[data: Buffer, address: Address]> {
    checkSize(bufsize, 'recvfrom')
    if (this.type === SOCK_DGRAM) {
      return receive(this, (data, from) => [data.subarray(0, bufsize), from] as [Buffer, Address], flags, options)
    }
    return new Call(withoutAddress<Buffer>, [this.recvSome(bufsize, flags, options)])
  }

  /** As `recvfrom`, into a buffer (Python: recvfrom_into); answers how many bytes came, and from where. */
  recvfromInto(
    buffer: ArrayBufferView,
    nbytes?: number,
    flags?: number | RecvOptions,
    options?: RecvOptions,
  ): Operation<[size: number, address: Address]> {
    const target = checkTarget(buffer, nbytes)
    if (this.type === SOCK_DGRAM) {
      return receive(this, (data, from) => [fill(target, data), from] as [number, Address], flags, options)
    }
    return new Call(withoutAddress<number>, [this.recvInto(buffer, nbytes, flags, options)])
  }

  /**
   * Sends a datagram (Python: sendto).
   *
   * @param data the bytes
   * @param flags none has a meaning here; may be left out
   * @param address where to
   * @param options `timeout`: milliseconds
   * @returns how many bytes were sent
   * @throws {OSError} EMSGSIZE above 65 507 bytes, ECONNREFUSED for an earlier datagram, EACCES, ENETUNREACH; of a connected
   * stream it is `send`
   */
  sendto(data: BytesLike, address: Address, options?: CallOptions): Operation<number>
  sendto(data: BytesLike, flags: number, address: Address, options?: CallOptions): Operation<number>
  sendto(data: BytesLike, ...rest: readonly unknown[]): Operation<number> {
    const [address, options] = typeof rest[0] === 'number' ? [rest[1], rest[2]] : [rest[0], rest[1]]
    const bytes = checkBytes(data)
    const checked = checkAddress(this.family, address, 'sendto')
    const timeout = sendTimeout(typeof rest[0] === 'number' ? rest[0] : undefined, options as CallOptions | undefined)
    if (this.type === SOCK_DGRAM) return new Call(sendDatagram, [this, bytes, checked, timeout])
    return new Send(this, bytes, timeout)
  }

  /** How many received datagrams were dropped because nobody took them in time. */
  get dropped(): number {
    return this.type === SOCK_DGRAM ? this.datagramsOf().queue.dropped : 0
  }

  /**
   * Sets how much a datagram socket keeps for `recv`; what comes beyond it is dropped and counted in `dropped`.
   *
   * @param limits see `ReceiveLimits`
   * @throws {RangeError} for anything but whole numbers from 1 up; {OSError} EOPNOTSUPP of a stream
   */
  setReceiveLimits({ datagrams = 1024, bytes = 4 * 1024 * 1024 }: ReceiveLimits): void {
    if (this.type !== SOCK_DGRAM) throw osError('EOPNOTSUPP')
    this.datagramsOf().queue.setLimits(checkPositive(datagrams, 'datagrams'), checkPositive(bytes, 'bytes'))
  }

  /**
   * Sends bytes once there is room (Python: send). Node takes all of them or none.
   *
   * @returns how many were taken
   * @throws {OSError} at once EOPNOTSUPP for MSG_OOB; EPIPE after the end of sending, ECONNRESET; {TimeoutError}, {BlockingIOError}
   */
  send(data: BytesLike, flags?: number | RecvOptions, options?: RecvOptions): Operation<number> {
    const timeout = sendTimeout(flags, options)
    if (this.type === SOCK_DGRAM) return new Call(sendDatagram, [this, checkBytes(data), undefined, timeout])
    return new Send(this, checkBytes(data), timeout)
  }

  /**
   * Sends all bytes, and waits until the kernel has them (Python: sendall). After an error, how much was sent is unknown.
   *
   * @param data the bytes; a string goes as UTF-8. Do not change the buffer before the call is done
   * @param flags none has a meaning here, or the options
   * @param options `timeout`: milliseconds for the whole call
   * @throws {OSError} at once EOPNOTSUPP for MSG_OOB; EPIPE after the end of sending, ECONNRESET; {TimeoutError}, {BlockingIOError}
   */
  sendall(data: BytesLike, flags?: number | RecvOptions, options?: RecvOptions): Operation<undefined> {
    if (this.type === SOCK_DGRAM) return new Call(sendWhole, [this.send(data, flags, options)])
    if (flags === undefined && options === undefined) return new Sendall(this, checkBytes(data), undefined)
    return new Sendall(this, checkBytes(data), sendTimeout(flags, options))
  }

  /**
   * Sends a file, in pieces as the peer takes them (Python: sendfile, by way of `sendall`: Node gives no sendfile of the kernel).
   *
   * @param file a path, a `FileHandle` or a file descriptor; a given one stays open
   * @param offset where to start, from 0 up; left out, a given file is read from where it stands, and moves on
   * @param count the most bytes to send, from 1 up; default all
   * @returns how many bytes were sent
   * @throws {RangeError} for a file of text, a datagram socket or one with a limit of 0, which never waits; {OSError} as `sendall`,
   * or if the file cannot be read
   */
  sendfile(file: SendableFile, offset?: number | SendfileOptions, count?: number): Operation<number> {
    if (this.type === SOCK_DGRAM) throw new RangeError('only SOCK_STREAM type sockets are supported')
    const given = typeof offset === 'object' && offset !== null ? offset : { offset, count }
    return new Call(sendfile, [this, checkFile(file), checkPart(given.offset, given.count)])
  }

  /**
   * Ends one or both directions (Python: shutdown); the socket stays open.
   *
   * @param how SHUT_RD: `recv` gives what is there, then the end; SHUT_WR: the peer reads the end; SHUT_RDWR: both
   * @throws {OSError} ENOTCONN without a connection, EINVAL for another `how`, EOPNOTSUPP for connected datagrams
   */
  shutdown(how: number): void {
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) throw osError('EINVAL')
    if (this.type === SOCK_DGRAM) throw osError(this.datagramsOf().peer === undefined ? 'ENOTCONN' : 'EOPNOTSUPP')
    const transport = this.connected('ENOTCONN')
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
  makefile<M extends string = 'r'>(mode: M = 'r' as M, options: number | MakefileOptions = {}): FileOf<M> {
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

/**
 * Makes a socket (Python: socket.socket).
 *
 * @param family AF_INET (default), AF_INET6 or AF_UNIX
 * @param type SOCK_STREAM (default) or SOCK_DGRAM
 * @param proto 0, or the type's own protocol
 * @param options `fileno`: the number of an open socket to take over
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
export function socket(family?: number | SocketOptions, type?: number, proto?: number, options?: SocketOptions): Socket
export function socket(family?: number | SocketOptions, type?: number, proto = 0, options: SocketOptions = {}): Socket {
  if (typeof family === 'object' && family !== null) return new Socket(AF_INET, SOCK_STREAM, 0, family)
  return new Socket((family ?? AF_INET) as AddressFamily, (type ?? SOCK_STREAM) as SocketType, proto, options)
}

/** A socket on a connection that is there already. */
export function socketOn(description: Description): Socket {
  return new Socket(description.family, description.type, 0, { description })
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
  applyStreamOptions(description, transport.netSocket)
  description.adopt(transport)
  return [socketOn(description), peer]
}

function receive<T>(
  socket: SocketBase,
  shape: (data: Buffer, from: Address) => T,
  flags: number | RecvOptions | undefined,
  options: RecvOptions | undefined,
): Operation<T> {
  const [sum, timeout] = readOptions(flags, options)
  return new Receive(socket, shape, sum, timeout)
}

function fill(target: Uint8Array, data: Buffer): number {
  const size = Math.min(target.length, data.length)
  target.set(data.subarray(0, size))
  return size
}

function* withoutAddress<T>(operation: Operation<T>): Coroutine<[T, Address]> {
  return [yield* operation, undefined as unknown as Address]
}

function* sendWhole(send: Operation<number>): Coroutine<undefined> {
  yield* send
  return undefined
}

function checkPositive(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value
  throw new RangeError(`Expected \`${name}\` to be a whole number from 1 up, got ${show(value)}`)
}

function readOptions(flags: number | RecvOptions | undefined, options: RecvOptions | undefined) {
  const given = typeof flags === 'object' && flags !== null ? flags : options
  const sum = checkFlags(typeof flags === 'number' ? flags : given?.flags)
  return [sum, callTimeout(given)] as const
}

/** The limit of a call that sends; Node sends nothing out of band. */
function sendTimeout(flags: number | RecvOptions | undefined, options: RecvOptions | undefined) {
  const [sum, timeout] = readOptions(flags, options)
  if ((sum & MSG_OOB) !== 0) throw osError('EOPNOTSUPP', 'Node sends no out-of-band data (MSG_OOB)')
  return timeout
}
