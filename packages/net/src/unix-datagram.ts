/**
 * Real Unix datagram sockets, through the add-on `unix-dgram` (an optional peer: install it alongside this package).
 *
 * @module
 */
import { createRequire } from 'node:module'
import { registerUnixDatagramProvider, type UnixDatagramProvider } from './datagram/unix-provider.ts'

/**
 * Loads `unix-dgram` and registers it as the provider of AF_UNIX, SOCK_DGRAM sockets. It receives at most 64 KiB of a datagram.
 *
 * @throws {Error} if the add-on is not installed or not built for this version of Node
 * @example
 * import { registerUnixDgram } from '@greenlit/net/unix-datagram'
 * registerUnixDgram()
 * const log = socket(AF_UNIX, SOCK_DGRAM)
 */
export function registerUnixDgram(): void {
  let addOn: unknown
  try {
    addOn = createRequire(import.meta.url)('unix-dgram')
  } catch (cause) {
    throw new Error('Expected the add-on `unix-dgram` to be installed: npm install unix-dgram', { cause })
  }
  registerUnixDatagramProvider(addOn as UnixDatagramProvider)
}
