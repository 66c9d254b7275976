import { attempt, type Coroutine } from '@greenlit/core'
import type { TimeLimit } from '@greenlit/core/engine'
import { type Address, checkDestination, formatAddress, type InetAddress, numericHost } from '../address/address.ts'
import { AF_INET, AF_UNIX } from '../constants.ts'
import { closedElsewhere, osError } from '../errors/make.ts'
import { limitOf } from '../limit-of.ts'
import { resolveHost } from '../resolver/resolve-host.ts'
import { within } from '../within.ts'
import type { DatagramChannel, Done } from './channel.ts'
import { ChannelCall } from './channel-call.ts'
import type { DatagramDescription } from './datagram-description.ts'
import type { DatagramUser } from './receive.ts'

/** Returns an address with its host name resolved. Port 0 is allowed for binding only. */
function* resolveAddress(
  description: DatagramDescription,
  address: Address,
  allowPortZero = false,
): Coroutine<Address> {
  if (description.family === AF_UNIX) return address
  const [, port] = address as InetAddress
  if (port === 0 && !allowPortZero) throw osError('EINVAL')
  return [yield* resolveHost(description.family, address as InetAddress), port]
}

/** Like `resolveAddress`, under the time limit of a call. Looking up a name blocks even a non-blocking call, as in Python. */
function* resolveWithin(limit: TimeLimit, description: DatagramDescription, address: Address): Coroutine<Address> {
  const { family } = description
  const isName = family !== AF_UNIX && numericHost(family, (address as InetAddress)[0]) === undefined
  if (!isName || limit === undefined || limit === 0) return yield* resolveAddress(description, address)
  return yield* within(limit, resolveAddress, [description, address])
}

/** Returns the channel; throws if the socket was closed while a name was being resolved. */
function channelOf(description: DatagramDescription): DatagramChannel {
  if (description.closed) throw closedElsewhere()
  return description.channel
}

/** Binds a datagram socket. */
export function* bindDatagrams(description: DatagramDescription, address: Address): Coroutine<undefined> {
  const local = yield* resolveAddress(description, address, true)
  const channel = channelOf(description)
  if (description.isBound || description.isBinding) throw osError('EINVAL')
  description.isBinding = true
  const bind = (done: Done) =>
    channel.bind(local, (error) => {
      description.isBinding = false
      if (error) description.discardUnbound()
      done(error ?? tryMarkBound(description))
    })
  yield* new ChannelCall(description, bind, undefined)
  return undefined
}

/** Applies the recorded options once the socket is bound. Returns an error instead of throwing, as Node calls this. */
function tryMarkBound(description: DatagramDescription): Error | undefined {
  try {
    description.markBound()
    return undefined
  } catch (error) {
    return error as Error
  }
}

/** Connects a datagram socket: sets the peer it sends to and receives from. */
export function* connectDatagrams(user: DatagramUser, address: Address, timeout: TimeLimit): Coroutine<undefined> {
  const description = user.datagramsOf()
  checkDestination(address)
  const peer = yield* resolveWithin(limitOf(timeout, user), description, address)
  const channel = channelOf(description)
  const connect = (done: Done) =>
    channel.connect(peer, (error) => {
      const failure = error ?? (description.udp === null ? undefined : tryMarkBound(description))
      // The socket is connected even if the calling greenlet has been killed in the meantime.
      if (!failure) description.peer = description.udp?.peerName ?? peer
      done(failure)
    })
  const connected = yield* attempt(new ChannelCall(description, connect, undefined))
  if (!connected.ok) {
    if (description.udp !== null && !description.closed) {
      // Node has bound the socket nevertheless.
      description.markBound()
      if (!description.udp.isConnected) description.peer = undefined
    }
    throw connected.error
  }
  return undefined
}

/** Sends a datagram; without an address, to the connected peer. */
export function* sendDatagram(
  user: DatagramUser,
  data: Buffer,
  address: Address | undefined,
  timeout: TimeLimit,
): Coroutine<number> {
  const description = user.datagramsOf()
  const failure = description.takeError()
  if (failure !== null) throw failure
  const hasDestination = address !== undefined || description.peer !== undefined
  if (!hasDestination && description.family !== AF_UNIX) throw osError('EDESTADDRREQ')
  if (description.sendEnded) throw osError('EPIPE')
  if (!hasDestination) throw osError('ENOTCONN')
  const limit = limitOf(timeout, user)
  const target = address === undefined ? undefined : yield* destination(description, address, limit)
  const channel = channelOf(description)
  // Options can only be applied to a bound socket: bind it here, rather than leave that to Node's send.
  if (!description.isBound && description.udp !== null && description.peer === undefined) yield* bindToAny(description)
  yield* new ChannelCall(description, (done) => channel.send(data, target, done), limit)
  return data.length
}

function* destination(
  description: DatagramDescription,
  address: Address,
  limit: TimeLimit,
): Coroutine<Address | undefined> {
  checkDestination(address)
  const target = yield* resolveWithin(limit, description, address)
  const { peer } = description
  return peer !== undefined && String(reportedAddress(description, target)) === String(peer) ? undefined : target
}

/** Returns a numeric address in the form that `getpeername` reports. */
function reportedAddress({ family }: DatagramDescription, address: Address): Address {
  return family === AF_UNIX ? address : formatAddress(family, address[0] as string, address[1] as number)
}

function* bindToAny(description: DatagramDescription): Coroutine<undefined> {
  const address: Address = description.family === AF_INET ? ['0.0.0.0', 0] : ['::', 0]
  const { channel } = description
  yield* new ChannelCall(description, (done) => channel.bind(address, done), undefined)
  description.markBound()
  return undefined
}
