import type { Coroutine } from '@greenlit/core'
import type { Address } from '../address/address.ts'
import { bindDatagrams } from '../datagram/calls.ts'
import type { DatagramDescription } from '../datagram/datagram-description.ts'
import { osError } from '../errors/make.ts'
import { bindStream } from './binding.ts'
import type { SocketBase } from './socket-base.ts'
import { StreamDescription } from './stream-description.ts'

/** Binds a socket of any type. */
export function* bindSocket(socket: SocketBase, address: Address): Coroutine<undefined> {
  const description = socket.openDescription()
  if (!(description instanceof StreamDescription))
    return yield* bindDatagrams(description as DatagramDescription, address)
  const { binding: bound, listener, opening, transport } = description
  if (bound !== null || listener !== null || opening !== null || transport !== null) throw osError('EINVAL')
  const binding = yield* bindStream(description, address)
  if (description.closed || description.binding !== null) {
    binding.close()
    throw osError(description.closed ? 'EBADF' : 'EINVAL')
  }
  description.binding = binding
  return undefined
}
