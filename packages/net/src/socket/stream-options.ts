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
import { noOption } from '../description/options.ts'
import { osError } from '../errors/make.ts'
import { NetTransport } from '../stream/net-transport.ts'
import type { StreamDescription } from './stream-description.ts'

type WithTos = NetSocket & { setTypeOfService(value: number): unknown }
type KeepAlive = (on: boolean, idle: number, interval: number, count: number) => unknown

/** Records an option, and applies it if there is already a connection. */
export function setStreamOption(description: StreamDescription, level: number, name: number, value: number): void {
  if (!isKnown(level, name)) throw noOption(level, name)
  if (level === IPPROTO_IP) checkTypeOfService(value)
  if (level === IPPROTO_TCP) checkRange(value, KEEP_ALIVE.get(name))
  description.options = description.options.with(level, name, value)
  const { transport } = description
  if (transport instanceof NetTransport) applyOption(description, transport.netSocket, level, name, value)
}

/** Applies the recorded options to a new connection. */
export function applyStreamOptions(description: StreamDescription, netSocket: NetSocket): void {
  const { settings } = description.options
  for (let index = 0; index < settings.length; index += 1) {
    const { level, name, value } = settings[index]!
    applyOption(description, netSocket, level, name, value)
  }
}

const SOCKET_OPTIONS = new Set([SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE, SO_LINGER, SO_BROADCAST])
const TCP_OPTIONS = new Set([TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT])

/** Linux's defaults and valid ranges. The other options are off by default. */
const KEEP_ALIVE = new Map([
  [TCP_KEEPIDLE, { defaultValue: 7200, min: 1, max: 32_767 }],
  [TCP_KEEPINTVL, { defaultValue: 75, min: 1, max: 32_767 }],
  [TCP_KEEPCNT, { defaultValue: 9, min: 1, max: 127 }],
])

function isKnown(level: number, name: number): boolean {
  if (level === SOL_SOCKET) return SOCKET_OPTIONS.has(name)
  if (level === IPPROTO_TCP) return TCP_OPTIONS.has(name)
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
  const timing = (name: number) => options.get(IPPROTO_TCP, name) ?? KEEP_ALIVE.get(name)!.defaultValue
  const isTimed = [...KEEP_ALIVE.keys()].some((name) => options.get(IPPROTO_TCP, name) !== undefined)
  // libuv sets all three timings, or none if the idle time is 0: then the system's defaults apply.
  const idle = isTimed ? timing(TCP_KEEPIDLE) * 1000 : 0
  const set = netSocket.setKeepAlive as KeepAlive
  set.call(netSocket, on, idle, timing(TCP_KEEPINTVL) * 1000, timing(TCP_KEEPCNT))
}

/** Rejects up front what cannot be applied to a connection: by the time there is one, there is no call to report the error. */
function checkTypeOfService(value: number): void {
  if (!('setTypeOfService' in net.Socket.prototype)) throw noOption(IPPROTO_IP, IP_TOS)
  checkRange(value, { min: 0, max: 255 })
}

function checkRange(value: number, range: { min: number; max: number } | undefined): void {
  if (range !== undefined && (value < range.min || value > range.max)) throw osError('EINVAL')
}

/** Returns the value that was set, or else the default. */
export function getStreamOption(description: StreamDescription, level: number, name: number): number {
  if (!isKnown(level, name)) throw noOption(level, name)
  const value = description.options.get(level, name)
  if (level === SOL_SOCKET && name === SO_LINGER) return value === undefined || value < 0 ? 0 : 1
  return value ?? (level === IPPROTO_TCP ? KEEP_ALIVE.get(name)?.defaultValue : undefined) ?? 0
}
