import type { Coroutine } from '@greenlit/core'
import type { Address } from '../address/address.ts'
import { bindDatagrams } from '../datagram/calls.ts'
import type { DatagramDescription } from '../datagram/datagram-description.ts'
import { osError } from '../errors/make.ts'
import { bindStream } from './binding.ts'
import type { SocketBase } from './socket-base.ts'
import { StreamDescription } from './stream-description.ts'

/** Binds a stream or datagram socket. */
export function* bindSocket(socket: SocketBase, address: Address): Coroutine<undefined> {
  const description = socket.openDescription()
  if (!(description instanceof StreamDescription))
    return yield* bindDatagrams(description as DatagramDescription, address)
  if (!isFresh(description)) throw osError('EINVAL')
  const binding = yield* bindStream(description, address)
  if (description.closed || !isFresh(description)) {
    binding.close()
    throw osError(description.closed ? 'EBADF' : 'EINVAL')
  }
  description.binding = binding
  return undefined
}

function isFresh({ binding, listener, opening, attempt, transport }: StreamDescription): boolean {
  return binding === null && listener === null && opening === null && attempt === null && transport === null
}
