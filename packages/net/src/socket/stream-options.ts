import net, { type Socket as NetSocket } from 'node:net'
import {
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  SO_BROADCAST,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '../constants.ts'
import { osError } from '../errors/make.ts'
import { NetTransport } from '../stream/net-transport.ts'
import { noOption } from './options.ts'
import type { StreamDescription } from './stream-description.ts'

type WithTos = NetSocket & { setTypeOfService(value: number): unknown }
type KeepAlive = (on: boolean, idle: number, interval?: number, count?: number) => unknown

/** Remembers an option, and sets it if there is a connection already. */
export function setStreamOption(description: StreamDescription, level: number, name: number, value: number): void {
  if (!isKnown(level, name)) throw noOption(level, name)
  if (level === IPPROTO_IP) checkTypeOfService(value)
  description.options = description.options.with(level, name, value)
  const { transport } = description
  if (transport instanceof NetTransport) applyOption(description, transport.netSocket, level, name, value)
}

/** Sets on a new connection what was asked for before. */
export function applyStreamOptions(description: StreamDescription, netSocket: NetSocket): void {
  const { settings } = description.options
  for (let index = 0; index < settings.length; index += 1) {
    const { level, name, value } = settings[index]!
    applyOption(description, netSocket, level, name, value)
  }
}

const OF_SOCKETS = new Set([SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE, SO_LINGER, SO_BROADCAST])
const OF_TCP = new Set([TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT])

function isKnown(level: number, name: number): boolean {
  if (level === SOL_SOCKET) return OF_SOCKETS.has(name)
  if (level === IPPROTO_TCP) return OF_TCP.has(name)
  if (level === IPPROTO_IP) return name === IP_TOS
  return level === IPPROTO_IPV6 && name === IPV6_V6ONLY
}

function applyOption(
  description: StreamDescription,
  netSocket: NetSocket,
  level: number,
  name: number,
  value: number,
): void {
  if (level === IPPROTO_TCP && name === TCP_NODELAY) netSocket.setNoDelay(value !== 0)
  else if (level === IPPROTO_IP) (netSocket as WithTos).setTypeOfService(value)
  else if (name === SO_KEEPALIVE || level === IPPROTO_TCP) setKeepAlive(description, netSocket)
}

function setKeepAlive({ options }: StreamDescription, netSocket: NetSocket): void {
  const on = (options.get(SOL_SOCKET, SO_KEEPALIVE) ?? 0) !== 0
  const idle = (options.get(IPPROTO_TCP, TCP_KEEPIDLE) ?? 0) * 1000
  const interval = (options.get(IPPROTO_TCP, TCP_KEEPINTVL) ?? 0) * 1000
  const count = options.get(IPPROTO_TCP, TCP_KEEPCNT) ?? 0
  const set = netSocket.setKeepAlive as KeepAlive
  if (interval > 0 || count > 0) set.call(netSocket, on, idle, interval || 1000, count || 10)
  else set.call(netSocket, on, idle)
}

/** What cannot be set on a connection is refused before there is one: then nobody would be there to be told. */
function checkTypeOfService(value: number): void {
  if (!('setTypeOfService' in net.Socket.prototype)) throw noOption(IPPROTO_IP, IP_TOS)
  if (value < 0 || value > 255) throw osError('EINVAL')
}

/** What Linux answers before anything was set; the others are off. */
const DEFAULTS = new Map([
  [TCP_KEEPIDLE, 7200],
  [TCP_KEEPINTVL, 75],
  [TCP_KEEPCNT, 9],
])

/** Answers what was set, else the default. */
export function getStreamOption(description: StreamDescription, level: number, name: number): number {
  if (!isKnown(level, name)) throw noOption(level, name)
  const value = description.options.get(level, name)
  if (level === SOL_SOCKET && name === SO_LINGER) return value === undefined || value < 0 ? 0 : 1
  return value ?? (level === IPPROTO_TCP ? DEFAULTS.get(name) : undefined) ?? 0
}
