import type { Coroutine, Operation } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { type Address, checkAddress } from '../address/address.ts'
import { MSG_OOB, SOCK_DGRAM } from '../constants.ts'
import { sendDatagram } from '../datagram/calls.ts'
import { osError } from '../errors/make.ts'
import { checkFile, checkPart, type SendableFile, type SendfileOptions, sendfile } from '../file/sendfile.ts'
import { Send, Sendall } from '../stream/sending.ts'
import { type BytesLike, checkBytes } from './bytes.ts'
import { ReceivingSocket } from './receiving-socket.ts'
import { type CallOptions, type RecvOptions, readOptions } from './timeouts.ts'

/** What a socket can send, beside what it can receive. */
export abstract class SendingSocket extends ReceivingSocket {
  /** Collects what one turn of the hub sends, then sends it in one piece: for many small messages. `sendall` then does not wait
   * for the kernel, and a failure is told by the next call. Default false. */
  get autoCork(): boolean {
    return this.connected('ENOTCONN').autoCork
  }

  set autoCork(on: boolean) {
    this.connected('ENOTCONN').autoCork = on
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
}

function* sendWhole(send: Operation<number>): Coroutine<undefined> {
  yield* send
  return undefined
}

/** The limit of a call that sends; Node sends nothing out of band. */
function sendTimeout(flags: number | RecvOptions | undefined, options: RecvOptions | undefined) {
  const [sum, timeout] = readOptions(flags, options)
  if ((sum & MSG_OOB) !== 0) throw osError('EOPNOTSUPP', 'Node sends no out-of-band data (MSG_OOB)')
  return timeout
}
