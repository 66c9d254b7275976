import { branded } from '@greenlit/core/engine'
import { ConnectionError } from './connection-error.ts'

/** The guard refused the address: it is private, of this machine, or otherwise not of the public network; ours. */
export class AddressForbidden extends /* @__PURE__ */ branded('http.AddressForbidden', ConnectionError) {
  override readonly code: string = 'ADDRESS_FORBIDDEN'
}
