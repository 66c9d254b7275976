import dgram from 'node:dgram'
import { Server } from 'node:net'
import { SOCK_STREAM } from '../constants.ts'

/** Older versions of Node silently ignore `reusePort`; the only way to find out is their own source text. */
const STREAM = mentionsReusePort(Server.prototype.listen)
const DATAGRAM = mentionsReusePort(dgram.Socket)

function mentionsReusePort(fn: unknown): boolean {
  return Function.prototype.toString.call(fn).includes('reusePort')
}

/** Returns whether Node can set SO_REUSEPORT on sockets of a type (22.12 and 23.1 on). */
export function canReusePort(type: number): boolean {
  return type === SOCK_STREAM ? STREAM : DATAGRAM
}
