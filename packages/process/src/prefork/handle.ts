import type { Socket as DatagramSocket } from 'node:dgram'
import { Server, Socket } from 'node:net'
import { show } from '@greenlit/core/engine'

/** A Node object that can be handed to another process: an unread connection, a listening server or a datagram socket. */
export type Handle = Socket | Server | DatagramSocket

/** Checks a handle before it is sent. */
export function checkHandle(handle: unknown): Handle {
  // Node crashes on a TLS socket instead of throwing.
  if ((handle as { encrypted?: boolean } | undefined)?.encrypted === true)
    throw new TypeError(
      'Expected `handle` to be a plain socket, got a TLS one: hand the plain socket over, and do TLS there',
    )
  if (handle instanceof Socket || handle instanceof Server || isDatagramSocket(handle)) return handle
  throw new TypeError(`Expected \`handle\` to be a socket or a server of node:net or node:dgram, got ${show(handle)}`)
}

function isDatagramSocket(handle: unknown): handle is DatagramSocket {
  return typeof (handle as DatagramSocket | undefined)?.addMembership === 'function'
}
