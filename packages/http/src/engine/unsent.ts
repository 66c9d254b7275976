import type { Socket } from 'node:net'

/** Node's internal handle of a socket, which tells how much of one large write is left. */
interface WithHandle {
  readonly _handle?: { readonly writeQueueSize?: unknown } | null
}

/** How many bytes are queued for sending on a socket. It changes as they are sent. */
export function unsentOn(socket: Socket | null | undefined): number {
  if (!socket || socket.writableLength === 0) return 0
  const left = (socket as WithHandle)._handle?.writeQueueSize
  return typeof left === 'number' && left > 0 ? left : socket.writableLength
}
