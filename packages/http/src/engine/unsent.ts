import type { Socket } from 'node:net'

/** What Node keeps about a socket of its own, which tells of one large write how much of it is left. */
interface WithHandle {
  readonly _handle?: { readonly writeQueueSize?: unknown } | null
}

/** How many bytes wait to go out on a socket; a number that changes as they do. */
export function unsentOn(socket: Socket | null | undefined): number {
  if (!socket || socket.writableLength === 0) return 0
  const left = (socket as WithHandle)._handle?.writeQueueSize
  return typeof left === 'number' && left > 0 ? left : socket.writableLength
}
