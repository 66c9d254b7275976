import type { Coroutine, Operation } from '@greenlit/core'
import type { Address } from '../address/address.ts'
import type { Socket } from '../socket/socket.ts'
import { type CallOptions, type RecvOptions, readOptions } from '../socket/timeouts.ts'
import { ShakeWait } from './shake-wait.ts'
import type { SSLSocket } from './ssl-socket.ts'

/** What a call gets that TLS has no use for. */
export function notAllowed(call: string): RangeError {
  return new RangeError(`${call} not allowed on instances of SSLSocket`)
}

/** Refuses MSG_*: TLS knows none of them. */
export function checkNoFlags(
  call: string,
  flags: number | RecvOptions | undefined,
  options: RecvOptions | undefined,
): void {
  if (flags === undefined && options === undefined) return
  if (readOptions(flags, options)[0] === 0) return
  throw new RangeError(`non-zero flags not allowed in calls to ${call}() on SSLSocket`)
}

/** Shakes hands before a call if nobody has; if somebody is at it, waits for that. */
export function* callSecurely<T>(socket: SSLSocket, call: Operation<T>, shakes: boolean): Coroutine<T> {
  const description = socket.streamOf()
  if (socket.shaking === null) {
    if (shakes && description.transport !== null) yield* socket.doHandshake()
  } else if (socket.timeoutValue !== 0) {
    yield* new ShakeWait(description, socket.timeoutValue)
  }
  return yield* call
}

/** `connect`: the handshake is part of it. */
export function* connectSecurely(
  socket: SSLSocket,
  connecting: Operation<undefined>,
  options: CallOptions | undefined,
): Coroutine<undefined> {
  yield* connecting
  return yield* socket.doHandshake(options)
}

/** `accept`: what comes in is secured in its turn. */
export function* acceptSecurely(
  listener: SSLSocket,
  accepting: Operation<[Socket, Address]>,
  doHandshakeOnConnect: boolean,
): Coroutine<[SSLSocket, Address]> {
  const [accepted, address] = yield* accepting
  const secure = yield* listener.context.wrapSocket(accepted, { serverSide: true, doHandshakeOnConnect })
  return [secure, address]
}

/** `unwrap`: ends what is sent, and drops what comes until the peer has ended too. */
export function* endSecurely(socket: SSLSocket, options: CallOptions | undefined): Coroutine<undefined> {
  const transport = socket.connected('ENOTCONN')
  if (!transport.sendEnded) transport.endSending()
  while ((yield* socket.recv(65_536, options)).length > 0) {}
  socket.close()
  return undefined
}
