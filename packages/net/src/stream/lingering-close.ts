import type { Socket as NetSocket } from 'node:net'

/** How long, in milliseconds, a peer that does not end its side may keep a closed connection open. */
const LINGER_TIMEOUT = 1_000

/**
 * Ends sending and closes the socket once the peer has ended too. TLS peers send data unasked (session tickets); closing before it
 * is read would reset the connection and lose what is still in flight.
 */
export function lingeringClose(netSocket: NetSocket): void {
  netSocket.resume()
  netSocket.once('end', () => netSocket.destroySoon())
  netSocket.end(() => {
    if (netSocket.destroyed) return
    const timer = setTimeout(() => netSocket.destroy(), LINGER_TIMEOUT)
    netSocket.once('close', () => clearTimeout(timer))
  })
}
