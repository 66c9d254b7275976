import { branded } from '@greenlit/core/engine'
import { ConnectionError } from './connection-error.ts'

/**
 * The guard refused the address: it is private, local to this machine, or otherwise not on the public internet. Not in requests.
 *
 * @example
 * const page = yield* attempt(get('http://127.0.0.1/', { guard: new PublicAddressGuard() }))
 * if (!page.ok && page.error instanceof AddressForbidden) console.log(page.error.message)
 */
export class AddressForbidden extends /* @__PURE__ */ branded('http.AddressForbidden', ConnectionError) {
  override readonly code: string = 'ADDRESS_FORBIDDEN'
}
