import { show } from '@greenlit/core/engine'
import { osError } from '../errors/make.ts'

/** A provider's unix datagram socket, with the interface of npm's `unix-dgram`. */
export interface UnixDatagramSocket {
  on(event: 'listening' | 'connect', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  bind(path: string): void
  connect(path: string): void
  send(data: Buffer, callback: (error?: Error | null) => void): void
  send(data: Buffer, offset: number, length: number, path: string, callback: (error?: Error | null) => void): void
  close(): void
}

/** Creates unix datagram sockets, which Node lacks: `unix-dgram`, or `emulatedUnixDatagrams`. */
export interface UnixDatagramProvider {
  createSocket(
    type: 'unix_dgram',
    listener: (message: Buffer, info: { readonly path?: string | undefined }) => void,
  ): UnixDatagramSocket
}

let registered: UnixDatagramProvider | undefined

/**
 * Sets the provider of AF_UNIX datagram sockets. Without one, creating such a socket throws EPROTONOSUPPORT.
 *
 * @param provider the module `unix-dgram` (see `@greenlit/net/unix-datagram`) or `emulatedUnixDatagrams`; `undefined` removes the
 * current one
 * @returns the previous provider
 * @throws {TypeError} if `provider` has no `createSocket` method
 * @example
 * registerUnixDatagramProvider(emulatedUnixDatagrams)
 */
export function registerUnixDatagramProvider(
  provider: UnixDatagramProvider | undefined,
): UnixDatagramProvider | undefined {
  if (
    provider !== undefined &&
    typeof (provider as Partial<UnixDatagramProvider> | null)?.createSocket !== 'function'
  ) {
    throw new TypeError(`Expected \`provider\` to have a \`createSocket\` method, got ${show(provider)}`)
  }
  const previous = registered
  registered = provider
  return previous
}

/** Returns the provider, or throws an error that says how to get one. */
export function unixDatagramProvider(): UnixDatagramProvider {
  if (registered !== undefined) return registered
  throw osError(
    'EPROTONOSUPPORT',
    'Protocol not supported: Node has no unix datagram sockets. Install the add-on `unix-dgram` and call ' +
      'registerUnixDgram() of @greenlit/net/unix-datagram, or register `emulatedUnixDatagrams`',
  )
}
