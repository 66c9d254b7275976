import type { Coroutine, Operation } from '@greenlit/core'
import { Call, checkOptions, checkWhole, Done } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { SOCK_DGRAM } from '../constants.ts'
import type { ReceiveLimits } from '../datagram/datagram-queue.ts'
import { Receive } from '../datagram/receive.ts'
import { osError } from '../errors/make.ts'
import { noBytes } from '../stream/byte-queue.ts'
import { Recv, RecvInto, RecvWithFlags } from '../stream/recv.ts'
import { RecvExact } from '../stream/recv-exact.ts'
import { checkSize, checkTarget } from './bytes.ts'
import { SocketBase } from './socket-base.ts'
import { type CallOptions, callTimeout, type RecvOptions, readOptions } from './timeouts.ts'

/** What a socket can receive: bytes of a stream, or datagrams. */
export abstract class ReceivingSocket extends SocketBase {
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
  setReceiveLimits(limits: ReceiveLimits): void {
    const { datagrams = 1024, bytes = 4 * 1024 * 1024 } = checkOptions(limits)
    if (this.type !== SOCK_DGRAM) throw osError('EOPNOTSUPP')
    this.datagramsOf().queue.setLimits(checkWhole(datagrams, 'datagrams', 1), checkWhole(bytes, 'bytes', 1))
  }
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
