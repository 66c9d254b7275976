import type { Coroutine, Operation } from '@greenlit/core'
import type { TimeLimit } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { SSLWantReadError } from '../errors/ssl-error.ts'
import { limitOf } from '../limit-of.ts'
import type { Socket } from '../socket/socket.ts'
import { type CallOptions, callTimeout, type RecvOptions, readOptions } from '../socket/timeouts.ts'
import { Drain } from './drain.ts'
import { HandshakeWait } from './handshake-wait.ts'
import type { SSLSocket } from './ssl-socket.ts'

/** The error of a socket call that makes no sense over TLS. */
export function notAllowed(call: string): RangeError {
  return new RangeError(`${call} not allowed on instances of SSLSocket`)
}

/** Returns a call's own time limit. Throws if any MSG_* flag is set: TLS supports none. */
export function limitWithoutFlags(
  call: string,
  flags: number | RecvOptions | undefined,
  options: RecvOptions | undefined,
): TimeLimit {
  if (flags === undefined && options === undefined) return undefined
  const [sum, timeout] = readOptions(flags, options)
  if (sum === 0) return timeout
  throw new RangeError(`non-zero flags not allowed in calls to ${call}() on SSLSocket`)
}

/** Performs the handshake before a call, or waits for the one in progress. */
export function* callSecurely<T>(
  socket: SSLSocket,
  call: Operation<T>,
  timeout: TimeLimit,
  startsHandshake: boolean,
): Coroutine<T> {
  const description = socket.streamOf()
  if (startsHandshake && socket.handshake === null && description.transport !== null) {
    if (timeout === undefined) yield* socket.doHandshake()
    else yield* beginHandshake(socket)
  }
  const limit = limitOf(timeout, socket)
  if (socket.handshake !== null && limit !== 0) yield* new HandshakeWait(description, limit)
  return yield* call
}

/** Starts a handshake in the background, so that the call's own timeout does not close the connection. */
function* beginHandshake(socket: SSLSocket): Coroutine<void> {
  try {
    yield* socket.doHandshake({ timeout: 0 })
  } catch (error) {
    if (!(error instanceof SSLWantReadError)) throw error
  }
}

/** The operation behind `connect`, which includes the handshake. */
export function* connectSecurely(
  socket: SSLSocket,
  connecting: Operation<undefined>,
  options: CallOptions | undefined,
): Coroutine<undefined> {
  yield* connecting
  return yield* socket.doHandshake(options)
}

/** The operation behind `accept`, which wraps the accepted connection in TLS. */
export function* acceptSecurely(
  listener: SSLSocket,
  accepting: Operation<[Socket, Address]>,
  doHandshakeOnConnect: boolean,
): Coroutine<[SSLSocket, Address]> {
  const [accepted, address] = yield* accepting
  try {
    return [yield* listener.context.wrapSocket(accepted, { serverSide: true, doHandshakeOnConnect }), address]
  } catch (error) {
    accepted.close()
    throw error
  }
}

/** The operation behind `unwrap`: ends the sending side, then discards input until the peer ends its side too. */
export function* endSecurely(socket: SSLSocket, options: CallOptions | undefined): Coroutine<undefined> {
  const transport = socket.connected('ENOTCONN')
  if (!transport.sendEnded) transport.endSending()
  yield* new Drain(socket, callTimeout(options))
  socket.close()
  return undefined
}
