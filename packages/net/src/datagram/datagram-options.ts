import type { Socket as UdpSocket } from 'node:dgram'
import { zonedHost } from '../address/scope.ts'
import {
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  SO_BROADCAST,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SOL_SOCKET,
} from '../constants.ts'
import { noOption } from '../description/options.ts'
import { fromNode, osError } from '../errors/make.ts'
import type { DatagramDescription } from './datagram-description.ts'

type Value = number | string | readonly unknown[]
type Setter = (socket: UdpSocket, value: Value) => unknown

const joinGroup: Setter = (socket, value) => socket.addMembership(...group(value))
const leaveGroup: Setter = (socket, value) => socket.dropMembership(...group(value))

/** How to set each option on an open socket, by level and name. */
const SETTERS: Readonly<Record<string, Setter>> = {
  [`${SOL_SOCKET}/${SO_BROADCAST}`]: (socket, value) => socket.setBroadcast(value !== 0),
  [`${SOL_SOCKET}/${SO_RCVBUF}`]: (socket, value) => socket.setRecvBufferSize(value as number),
  [`${SOL_SOCKET}/${SO_SNDBUF}`]: (socket, value) => socket.setSendBufferSize(value as number),
  [`${IPPROTO_IP}/${IP_TTL}`]: (socket, value) => socket.setTTL(value as number),
  [`${IPPROTO_IP}/${IP_MULTICAST_TTL}`]: (socket, value) => socket.setMulticastTTL(value as number),
  [`${IPPROTO_IP}/${IP_MULTICAST_LOOP}`]: (socket, value) => socket.setMulticastLoopback(value !== 0),
  [`${IPPROTO_IP}/${IP_MULTICAST_IF}`]: (socket, value) => socket.setMulticastInterface(String(value)),
  [`${IPPROTO_IP}/${IP_ADD_MEMBERSHIP}`]: joinGroup,
  [`${IPPROTO_IP}/${IP_DROP_MEMBERSHIP}`]: leaveGroup,
  [`${IPPROTO_IPV6}/${IPV6_UNICAST_HOPS}`]: (socket, value) => socket.setTTL(value as number),
  [`${IPPROTO_IPV6}/${IPV6_MULTICAST_HOPS}`]: (socket, value) => socket.setMulticastTTL(value as number),
  [`${IPPROTO_IPV6}/${IPV6_MULTICAST_LOOP}`]: (socket, value) => socket.setMulticastLoopback(value !== 0),
  [`${IPPROTO_IPV6}/${IPV6_MULTICAST_IF}`]: (socket, value) => socket.setMulticastInterface(interfaceOf(value)),
  [`${IPPROTO_IPV6}/${IPV6_JOIN_GROUP}`]: joinGroup,
  [`${IPPROTO_IPV6}/${IPV6_LEAVE_GROUP}`]: leaveGroup,
}

/** Linux's defaults. The other options are off by default. */
const DEFAULTS: Readonly<Record<string, number>> = {
  [`${SOL_SOCKET}/${SO_RCVBUF}`]: 212_992,
  [`${SOL_SOCKET}/${SO_SNDBUF}`]: 212_992,
  [`${IPPROTO_IP}/${IP_TTL}`]: 64,
  [`${IPPROTO_IP}/${IP_MULTICAST_TTL}`]: 1,
  [`${IPPROTO_IP}/${IP_MULTICAST_LOOP}`]: 1,
  [`${IPPROTO_IPV6}/${IPV6_UNICAST_HOPS}`]: 64,
  [`${IPPROTO_IPV6}/${IPV6_MULTICAST_HOPS}`]: 1,
  [`${IPPROTO_IPV6}/${IPV6_MULTICAST_LOOP}`]: 1,
}

/** The minimum of each hop limit; the maximum is 255. Linux rejects other values immediately, Node only once the socket is bound. */
const MIN_HOPS: Readonly<Record<string, number>> = {
  [`${IPPROTO_IP}/${IP_TTL}`]: 1,
  [`${IPPROTO_IP}/${IP_MULTICAST_TTL}`]: 0,
  [`${IPPROTO_IPV6}/${IPV6_UNICAST_HOPS}`]: 1,
  [`${IPPROTO_IPV6}/${IPV6_MULTICAST_HOPS}`]: 0,
}

/** Options that have an effect only before the socket is bound. */
const BEFORE_BIND = [`${SOL_SOCKET}/${SO_REUSEADDR}`, `${SOL_SOCKET}/${SO_REUSEPORT}`, `${IPPROTO_IPV6}/${IPV6_V6ONLY}`]

/** The options whose value may be an address, or a group and an interface. */
const ADDRESSES = [
  `${IPPROTO_IP}/${IP_MULTICAST_IF}`,
  `${IPPROTO_IP}/${IP_ADD_MEMBERSHIP}`,
  `${IPPROTO_IP}/${IP_DROP_MEMBERSHIP}`,
  `${IPPROTO_IPV6}/${IPV6_MULTICAST_IF}`,
  `${IPPROTO_IPV6}/${IPV6_JOIN_GROUP}`,
  `${IPPROTO_IPV6}/${IPV6_LEAVE_GROUP}`,
]

/** Whether the value of an option may be an address rather than a number. */
export function takesAddress(level: number, name: number): boolean {
  return ADDRESSES.includes(`${level}/${name}`)
}

function group(value: Value): [group: string, interfaceAddress?: string] {
  const [address, from] = Array.isArray(value) ? (value as unknown[]) : [value, undefined]
  const isAny = from === undefined || from === '' || from === '0.0.0.0' || from === 0
  return isAny ? [String(address)] : [String(address), interfaceOf(from)]
}

/** Returns an interface in the form Node takes; an IPv6 interface may be given by its index. */
function interfaceOf(value: unknown): string {
  return typeof value === 'number' ? zonedHost(['::', 0, 0, value]) : String(value)
}

/** Sets an option, or records it until the socket is bound. */
export function setDatagramOption(description: DatagramDescription, level: number, name: number, given: Value): void {
  const key = `${level}/${name}`
  const setter = SETTERS[key]
  if (setter === undefined && !BEFORE_BIND.includes(key)) throw noOption(level, name)
  const minHops = MIN_HOPS[key]
  // As in the kernel, -1 hops stand for the default.
  const value = minHops !== undefined && given === -1 ? DEFAULTS[key]! : given
  if (minHops !== undefined && (typeof value !== 'number' || value < minHops || value > 255)) throw osError('EINVAL')
  if (typeof value === 'number') description.options = description.options.with(level, name, value)
  else if (!description.isBound) description.addressSettings.push([level, name, value])
  if (!description.isBound || setter === undefined) return
  apply(description, setter, value)
  if (typeof value !== 'number') keep(description, level, name, value)
}

/** Keeps an option that has been set, instead of the one that it replaces or undoes. */
function keep(description: DatagramDescription, level: number, name: number, value: string | readonly unknown[]): void {
  const about = subject(name, value)
  const others = description.addressSettings.filter(
    ([otherLevel, otherName, other]) => otherLevel !== level || subject(otherName, other) !== about,
  )
  const leaves = name === IP_DROP_MEMBERSHIP || name === IPV6_LEAVE_GROUP
  description.addressSettings = leaves ? others : [...others, [level, name, value]]
}

/** Returns what an option is about: a group, or the interface of outgoing datagrams. */
function subject(name: number, value: Value): string {
  return name === IP_MULTICAST_IF || name === IPV6_MULTICAST_IF ? '' : String(group(value))
}

/** Applies the recorded options, once there is a system socket. An option that cannot be set is forgotten, and its error thrown. */
export function applyDatagramOptions(description: DatagramDescription): void {
  const settings: readonly (readonly [number, number, Value])[] = [
    ...description.options.settings.map(({ level, name, value }) => [level, name, value] as const),
    ...description.addressSettings,
  ]
  for (const [level, name, value] of settings) {
    const setter = SETTERS[`${level}/${name}`]
    try {
      if (setter !== undefined) apply(description, setter, value)
    } catch (error) {
      forget(description, level, name, value)
      throw error
    }
  }
}

function forget(description: DatagramDescription, level: number, name: number, value: Value): void {
  if (typeof value === 'number') description.options = description.options.without(level, name)
  else {
    description.addressSettings = description.addressSettings.filter(
      (kept) => kept[0] !== level || kept[1] !== name || kept[2] !== value,
    )
  }
}

function apply(description: DatagramDescription, setter: Setter, value: Value): void {
  const { udp } = description
  if (udp === null) return
  try {
    setter(udp.node, value)
  } catch (error) {
    throw fromNode(error)
  }
}

/** Returns the current value of an option, or else the default. */
export function getDatagramOption(description: DatagramDescription, level: number, name: number): number {
  const key = `${level}/${name}`
  if (SETTERS[key] === undefined && !BEFORE_BIND.includes(key)) throw noOption(level, name)
  const { udp } = description
  if (level === SOL_SOCKET && description.isBound && udp !== null) {
    if (name === SO_RCVBUF) return udp.node.getRecvBufferSize()
    if (name === SO_SNDBUF) return udp.node.getSendBufferSize()
  }
  return description.options.get(level, name) ?? DEFAULTS[key] ?? 0
}
