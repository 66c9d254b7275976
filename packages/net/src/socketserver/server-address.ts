import { show } from '@greenlit/core/engine'
import { type Address, checkAddress } from '../address/address.ts'
import { AF_INET, AF_INET6, AF_UNIX } from '../constants.ts'

/** Checks a server's address, as far as possible before a subclass has set the address family. */
export function checkServerAddress(address: unknown): Address {
  if (typeof address === 'string') return checkAddress(AF_UNIX, address, 'serverAddress')
  if (!Array.isArray(address)) {
    throw new TypeError(
      `Expected \`serverAddress\` to be [host, port], or a path for a unix server, got ${show(address)}`,
    )
  }
  return checkAddress(address.length > 2 ? AF_INET6 : AF_INET, address, 'serverAddress')
}
