import type { Address } from '../address/address.ts'

/**
 * A handler passed to a server: a coroutine, plain or async function. Its parameters may have narrower types than these, such as
 * `InetAddress`, because the author knows on what kind of address the server listens.
 */
export type ServeFunction<T> = {
  // Only parameters of methods may be narrowed.
  serve(value: T, address: Address): void
}['serve']
