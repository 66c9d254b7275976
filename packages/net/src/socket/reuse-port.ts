import dgram from 'node:dgram'
import { Server } from 'node:net'
import { SOCK_STREAM } from '../constants.ts'

/** Node without it ignores `reusePort`, and nothing but its own source tells. */
const STREAM = mentionsReusePort(Server.prototype.listen)
const DATAGRAM = mentionsReusePort(dgram.Socket)

function mentionsReusePort(fn: unknown): boolean {
  return Function.prototype.toString.call(fn).includes('reusePort')
}

/** Whether Node can set SO_REUSEPORT on sockets of a type (from 22.12 and 23.1). */
export function canReusePort(type: number): boolean {
  return type === SOCK_STREAM ? STREAM : DATAGRAM
}
