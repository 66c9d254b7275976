import { show } from '@greenlit/core/engine'
import { osError } from '../errors/make.ts'
import { descriptionOf } from './descriptors.ts'
import { type Socket, socketOn } from './socket.ts'

/**
 * Another socket on the connection of an open one, by its number (Python: socket.fromfd). As with `dup`, the connection stays
 * until both are closed. Numbers are those of `fileno()`, within this process.
 *
 * @param fd the number of an open socket
 * @throws {OSError} EBADF if there is none; {TypeError} for what is no number
 * @example
 * const copy = fromfd(client.fileno())
 */
export function fromfd(fd: number): Socket {
  if (!Number.isInteger(fd)) throw new TypeError(`Expected \`fd\` to be a whole number, got ${show(fd)}`)
  const description = descriptionOf(fd)
  if (description === undefined) throw osError('EBADF')
  description.share()
  return socketOn(description)
}
