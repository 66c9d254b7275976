import type { Coroutine, Operation } from '@greenlit/core'
import { Call, checkTimeoutFromZero } from '@greenlit/core/engine'
import { type AddressLike, checkAddress } from '../address/address.ts'
import { type BytesLike, checkBytes } from '../bytes.ts'
import { MSG_OOB, SOCK_DGRAM } from '../constants.ts'
import { sendDatagram } from '../datagram/calls.ts'
import { osError } from '../errors/make.ts'
import { checkFile, checkPart, type SendableFile, type SendfileOptions, sendfile } from '../file/sendfile.ts'
import { Send, Sendall } from '../stream/sending.ts'
import { within } from '../within.ts'
import { ReceivingSocket } from './receiving-socket.ts'
import { type CallOptions, type RecvOptions, readOptions } from './timeouts.ts'

/** The sending part of a socket, on top of the receiving part. */
export abstract class SendingSocket extends ReceivingSocket {
  /**
   * Whether everything sent during one turn of the hub is coalesced into one write, which speeds up many small messages.
   * `sendall` then does not wait for the kernel, and a failure is reported by the next call. Default false.
   */
  get autoCork(): boolean {
    return this.connected('ENOTCONN').autoCork
  }

  set autoCork(on: boolean) {
    this.connected('ENOTCONN').autoCork = on
  }

  /**
   * Sends bytes as soon as there is buffer space (Python: send). Node takes all of them or none.
   *
   * @returns the number of bytes taken
   * @throws {OSError} EOPNOTSUPP immediately for MSG_OOB; EPIPE once sending has ended, ECONNRESET; {TimeoutError},
   * {BlockingIOError}
   */
  send(data: BytesLike, flags?: number | RecvOptions, options?: RecvOptions): Operation<number> {
    const timeout = sendTimeout(flags, options)
    if (this.type === SOCK_DGRAM) return new Call(sendDatagram, [this, checkBytes(data), undefined, timeout])
    return new Send(this, checkBytes(data), timeout)
  }

  /**
   * Sends all bytes and waits until the kernel has taken them (Python: sendall). After an error it is unknown how many were sent.
   *
   * @param data the bytes; a string is sent as UTF-8. Do not modify the buffer before the call has finished
   * @param flags has no effect, or the options object
   * @param options `timeout`: milliseconds for the whole call
   * @throws {OSError} EOPNOTSUPP immediately for MSG_OOB; EPIPE once sending has ended, ECONNRESET; {TimeoutError},
   * {BlockingIOError}
   */
  sendall(data: BytesLike, flags?: number | RecvOptions, options?: RecvOptions): Operation<undefined> {
    if (this.type === SOCK_DGRAM) return new Call(sendWhole, [this.send(data, flags, options)])
    if (flags === undefined && options === undefined) return new Sendall(this, checkBytes(data), undefined)
    return new Sendall(this, checkBytes(data), sendTimeout(flags, options))
  }

  /**
   * Sends a file, reading no faster than the peer receives (Python: sendfile). It uses `sendall`, as Node does not expose the
   * kernel's sendfile.
   *
   * @param file a path, a `FileHandle` or a file descriptor; an open file stays open
   * @param offset where to start, in bytes from 0; if omitted, an open file is read from its current position, which advances
   * @param count the maximum number of bytes to send, at least 1; default everything
   * @returns the number of bytes sent
   * @throws {RangeError} for a text file, a datagram socket or a non-blocking socket (timeout 0); {OSError} as for `sendall`, or
   * if the file cannot be read
   */
  sendfile(file: SendableFile, offset?: number | SendfileOptions, count?: number): Operation<number> {
    if (this.type === SOCK_DGRAM) throw new RangeError('only SOCK_STREAM type sockets are supported')
    const given: Partial<Record<keyof SendfileOptions, unknown>> =
      typeof offset === 'object' && offset !== null ? offset : { offset, count }
    const limit = checkTimeoutFromZero(given.timeout)
    if (limit === 0) throw new RangeError('non-blocking sockets are not supported')
    return within(limit, sendfile, [this, checkFile(file), checkPart(given.offset, given.count)])
  }

  /**
   * Sends a datagram (Python: sendto).
   *
   * On a connected stream socket it is `send`.
   *
   * @param data the bytes
   * @param flags has no effect; may be omitted
   * @param address the destination
   * @param options `timeout`: milliseconds
   * @returns the number of bytes sent
   * @throws {OSError} EMSGSIZE above 65 507 bytes, ECONNREFUSED because of an earlier datagram, EACCES, ENETUNREACH
   */
  sendto(data: BytesLike, address: AddressLike, options?: CallOptions): Operation<number>
  sendto(data: BytesLike, flags: number, address: AddressLike, options?: CallOptions): Operation<number>
  sendto(data: BytesLike, ...rest: readonly unknown[]): Operation<number> {
    const [address, options] = typeof rest[0] === 'number' ? [rest[1], rest[2]] : [rest[0], rest[1]]
    const bytes = checkBytes(data)
    const checked = checkAddress(this.family, address, 'sendto')
    const timeout = sendTimeout(typeof rest[0] === 'number' ? rest[0] : undefined, options as CallOptions | undefined)
    if (this.type === SOCK_DGRAM) return new Call(sendDatagram, [this, bytes, checked, timeout])
    return new Send(this, bytes, timeout)
  }
}

function* sendWhole(send: Operation<number>): Coroutine<undefined> {
  yield* send
  return undefined
}

/** Returns the timeout of a sending call, and refuses MSG_OOB: Node cannot send out-of-band data. */
function sendTimeout(flags: number | RecvOptions | undefined, options: RecvOptions | undefined) {
  const [msgFlags, timeout] = readOptions(flags, options)
  if ((msgFlags & MSG_OOB) !== 0) throw osError('EOPNOTSUPP', 'Node sends no out-of-band data (MSG_OOB)')
  return timeout
}
