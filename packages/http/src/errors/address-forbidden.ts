import { brand } from './brand.ts'
import { ConnectionError } from './connection-error.ts'

/** The guard refused the address: it is private, of this machine, or otherwise not of the public network; ours. */
export class AddressForbidden extends ConnectionError {
  static {
    brand(AddressForbidden, 'AddressForbidden')
  }
  override readonly code: string = 'ADDRESS_FORBIDDEN'
}
