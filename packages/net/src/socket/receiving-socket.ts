import type { Coroutine, Operation } from '@greenlit/core'
import { Call, checkOptions, checkWhole, Done } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { type BufferLike, checkSize, checkTarget } from '../bytes.ts'
import { SOCK_DGRAM } from '../constants.ts'
import type { ReceiveLimits } from '../datagram/datagram-queue.ts'
import { Receive } from '../datagram/receive.ts'
import { osError } from '../errors/make.ts'
import { noBytes } from '../stream/byte-queue.ts'
import { Recv, RecvInto, RecvWithFlags } from '../stream/recv.ts'
import { RecvExact } from '../stream/recv-exact.ts'
import { SocketBase } from './socket-base.ts'
import { type CallOptions, callTimeout, type RecvIntoOptions, type RecvOptions, readOptions } from './timeouts.ts'

/** The receiving part of a socket, for streams and datagrams. */
export abstract class ReceivingSocket extends SocketBase {
  /**
   * Receives the bytes that are available, waiting for at least one (Python: recv).
   *
   * @param bufsize the maximum number of bytes, 0 or more
   * @param flags MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT, or the options object
   * @param options `timeout`: milliseconds; `flags`
   * @returns 1 to `bufsize` bytes; an empty buffer at the end of the stream, however often it is called
   * @throws {OSError} ENOTCONN, ECONNRESET, or EBADF if closed; {TimeoutError}, {BlockingIOError}; {ConcurrentObjectUseError} if
   * another greenlet is receiving
   */
  recv(bufsize: number, flags?: number | RecvOptions, options?: RecvOptions): Operation<Buffer> {
    checkSize(bufsize, 'recv')
    // As in CPython (sock_recv_guts), receiving 0 bytes does not even need a connection.
    return bufsize === 0 ? new Done(noBytes()) : this.recvSome(bufsize, flags, options)
  }

  private recvSome(bufsize: number, flags?: number | RecvOptions, options?: RecvOptions): Operation<Buffer> {
    if (this.type === SOCK_DGRAM) return receive(this, (data) => data.subarray(0, bufsize), flags, options)
    if (flags === undefined && options === undefined) return new Recv(this, bufsize, undefined)
    const [msgFlags, timeout] = readOptions(flags, options)
    return msgFlags === 0 ? new Recv(this, bufsize, timeout) : new RecvWithFlags(this, bufsize, msgFlags, timeout)
  }

  /**
   * Like `recv`, but writes into a buffer (Python: recv_into).
   *
   * @param buffer the buffer, filled from its start
   * @param nbytes the maximum number of bytes; 0 or `undefined` means the whole buffer. Or the options object
   * @param flags as for `recv`
   * @param options `timeout`: milliseconds; `nbytes`; `flags`
   * @returns the number of bytes received
   */
  recvInto(
    buffer: BufferLike,
    nbytes?: number | RecvIntoOptions,
    flags?: number | RecvOptions,
    options?: RecvOptions,
  ): Operation<number> {
    if (isOptions(nbytes)) return this.recvInto(buffer, nbytes.nbytes, nbytes)
    const target = checkTarget(buffer, nbytes)
    if (target.length === 0) return new Done(0)
    if (this.type === SOCK_DGRAM) return receive(this, (data) => fill(target, data), flags, options)
    const [msgFlags, timeout] = readOptions(flags, options)
    return new RecvInto(this, target, msgFlags, timeout)
  }

  /**
   * Receives exactly `size` bytes as one buffer, however many packets they arrive in. After a kill or a timeout the bytes that
   * have arrived stay available for the next call.
   *
   * @param size the number of bytes, 0 or more
   * @param options `timeout`: milliseconds for the whole call
   * @throws {IncompleteReadError} if the stream ends early; its `partial` holds the bytes that arrived
   */
  recvExact(size: number, options?: CallOptions): Operation<Buffer> {
    return new RecvExact(this, checkSize(size, 'recvExact', 'size'), callTimeout(options))
  }

  /**
   * Receives a datagram and its sender's address (Python: recvfrom). On a stream socket it is `recv`, and the address is
   * `undefined`.
   *
   * @param bufsize the maximum number of bytes; the rest of the datagram is discarded
   * @param flags MSG_PEEK, MSG_DONTWAIT, or the options object
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

  /** Like `recvfrom`, but writes into a buffer (Python: recvfrom_into). Returns the number of bytes and the sender's address. */
  recvfromInto(
    buffer: BufferLike,
    nbytes?: number | RecvIntoOptions,
    flags?: number | RecvOptions,
    options?: RecvOptions,
  ): Operation<[size: number, address: Address]> {
    if (isOptions(nbytes)) return this.recvfromInto(buffer, nbytes.nbytes, nbytes)
    const target = checkTarget(buffer, nbytes)
    if (this.type === SOCK_DGRAM) {
      return receive(this, (data, from) => [fill(target, data), from] as [number, Address], flags, options)
    }
    return new Call(withoutAddress<number>, [this.recvInto(buffer, nbytes, flags, options)])
  }

  /** How many received datagrams were dropped because the receive queue was full. */
  get dropped(): number {
    return this.type === SOCK_DGRAM ? this.datagramsOf().queue.dropped : 0
  }

  /**
   * Sets the size of a datagram socket's receive queue. Datagrams that do not fit are dropped and counted in `dropped`.
   *
   * @param limits see `ReceiveLimits`
   * @throws {RangeError} for anything but whole numbers of at least 1; {OSError} EOPNOTSUPP on a stream socket
   */
  setReceiveLimits(limits: ReceiveLimits): void {
    const { datagrams = 1024, bytes = 4 * 1024 * 1024 } = checkOptions(limits)
    if (this.type !== SOCK_DGRAM) throw osError('EOPNOTSUPP')
    this.datagramsOf().queue.setLimits(checkWhole(datagrams, 'datagrams', 1), checkWhole(bytes, 'bytes', 1))
  }
}

function isOptions(given: number | RecvIntoOptions | undefined): given is RecvIntoOptions {
  return typeof given === 'object' && given !== null
}

function receive<T>(
  socket: SocketBase,
  shape: (data: Buffer, from: Address) => T,
  flags: number | RecvOptions | undefined,
  options: RecvOptions | undefined,
): Operation<T> {
  const [msgFlags, timeout] = readOptions(flags, options)
  return new Receive(socket, shape, msgFlags, timeout)
}

function fill(target: Uint8Array, data: Buffer): number {
  const size = Math.min(target.length, data.length)
  target.set(data.subarray(0, size))
  return size
}

function* withoutAddress<T>(operation: Operation<T>): Coroutine<[T, Address]> {
  return [yield* operation, undefined as unknown as Address]
}
