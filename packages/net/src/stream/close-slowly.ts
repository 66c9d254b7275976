import type { Socket as NetSocket } from 'node:net'

/** How long a peer that does not end may hold a closed connection. */
const LINGER = 1_000

/**
 * Closes when the peer has ended too. The peer of a TLS connection sends on its own (session tickets); closing before that is read
 * would reset the connection, and what is still on its way would be lost.
 */
export function closeSlowly(netSocket: NetSocket): void {
  netSocket.resume()
  netSocket.once('end', () => netSocket.destroySoon())
  netSocket.end(() => {
    if (netSocket.destroyed) return
    const timer = setTimeout(() => netSocket.destroy(), LINGER)
    netSocket.once('close', () => clearTimeout(timer))
  })
}
