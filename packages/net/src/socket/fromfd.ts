import { show } from '@greenlit/core/engine'
import { osError } from '../errors/make.ts'
import { descriptionOf } from './descriptors.ts'
import { type Socket, socketOn } from './socket.ts'

/**
 * Returns another socket for the connection of an open one, given its number (Python: socket.fromfd). As with `dup`, the
 * connection stays open until both are closed. The numbers are those of `fileno()` and valid only within this process.
 *
 * @param fd the number of an open socket
 * @param _family accepted as in Python, like `_type` and `_proto`, but the socket's own apply
 * @throws {OSError} EBADF if no open socket has that number; {TypeError} if it is not a whole number
 * @example
 * const copy = fromfd(client.fileno())
 */
export function fromfd(fd: number, _family?: number, _type?: number, _proto?: number): Socket {
  if (!Number.isInteger(fd)) throw new TypeError(`Expected \`fd\` to be a whole number, got ${show(fd)}`)
  const description = descriptionOf(fd)
  if (description === undefined) throw osError('EBADF')
  description.share()
  return socketOn(description)
}
