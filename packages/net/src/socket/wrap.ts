import net from 'node:net'
import { show } from '@greenlit/core/engine'
import { formatAddress } from '../address/address.ts'
import { AF_INET, AF_INET6, AF_UNIX } from '../constants.ts'
import { osError } from '../errors/make.ts'
import { NetTransport } from '../stream/net-transport.ts'
import { type Socket, socketOn } from './socket.ts'
import { StreamDescription } from './stream-description.ts'

/**
 * Wraps a Node socket as a cooperative one: from a server's 'connection' event, an HTTP upgrade, or one end of a child's pipe.
 * From then on use only the cooperative socket. Half-close requires a Node socket with `allowHalfOpen`.
 *
 * @param netSocket a connected socket that is not destroyed
 * @throws {TypeError} if it is not a Node socket, or one that decodes to text (`setEncoding`); {OSError} ENOTCONN if it is not
 * connected, EBADF if it is destroyed
 * @example
 * net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (netSocket) => spawn(serve, wrap(netSocket)))
 */
export function wrap(netSocket: net.Socket): Socket {
  if (!(netSocket instanceof net.Socket)) {
    throw new TypeError(`Expected \`netSocket\` to be a socket of node:net, got ${show(netSocket)}`)
  }
  const { readableEncoding } = netSocket
  if (readableEncoding !== null) {
    throw new TypeError(`Expected \`netSocket\` to give bytes, got one with the encoding ${show(readableEncoding)}`)
  }
  if (netSocket.destroyed) throw osError('EBADF')
  if (netSocket.pending) throw osError('ENOTCONN')
  const family = netSocket.remoteFamily === 'IPv6' ? AF_INET6 : netSocket.remoteFamily === undefined ? AF_UNIX : AF_INET
  const description = new StreamDescription(family)
  description.peerAddress =
    family === AF_UNIX ? '' : formatAddress(family, netSocket.remoteAddress ?? '', netSocket.remotePort ?? 0)
  description.adopt(new NetTransport(netSocket))
  return socketOn(description)
}
