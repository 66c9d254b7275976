import type { Coroutine } from '@greenlit/core'
import { type Address, showAddress } from '../address/address.ts'
import type { AddressFamily, SocketType } from '../address/family.ts'
import { AF_INET, AF_INET6, SO_REUSEPORT, SOCK_STREAM, SOL_SOCKET } from '../constants.ts'
import { withContext } from '../errors/make.ts'
import { OSError } from '../errors/os-error.ts'
import { Socket } from '../socket/socket.ts'
import type { ListenerAddress } from './parse-listener.ts'

const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])

/**
 * Opens a socket bound to an address; a stream socket also listens. Listening on all interfaces falls back to IPv4 where there is
 * no IPv6.
 */
export function* openListener(
  listenAddress: ListenerAddress,
  type: SocketType,
  backlog: number,
  options: { reusePort?: boolean } = {},
): Coroutine<Socket> {
  const { address } = listenAddress
  const family = listenAddress.family as AddressFamily
  try {
    return yield* bound(family, address, type, backlog, options)
  } catch (error) {
    const everywhere = family === AF_INET6 && address[0] === ''
    if (!everywhere || !(error instanceof OSError) || !NO_IPV6.has(error.code)) throw error
    return yield* bound(AF_INET, ['', address[1] as number], type, backlog, options)
  }
}

function* bound(
  family: AddressFamily,
  address: Address,
  type: SocketType,
  backlog: number,
  { reusePort = false }: { reusePort?: boolean },
): Coroutine<Socket> {
  const socket = new Socket(family, type)
  try {
    if (reusePort) socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
    yield* socket.bind(address)
    if (type === SOCK_STREAM) yield* socket.listen(backlog)
    return socket
  } catch (error) {
    socket.close()
    throw withContext(error, showAddress(address))
  }
}
