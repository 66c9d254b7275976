import { isIP } from 'node:net'
import type { Coroutine } from '@greenlit/core'
import { type InetAddress, numericHost } from '../address/address.ts'
import type { AddressFamily } from '../address/family.ts'
import { parseNumericHost } from '../address/numeric.ts'
import { zonedHost } from '../address/scope.ts'
import { AF_INET, AF_INET6 } from '../constants.ts'
import { addressError } from '../errors/make.ts'
import { resolveName } from './current.ts'

/** Returns the host of an address in the usual numeric form, for a socket of the given family; names are resolved. */
export function* resolveHost(family: AddressFamily, address: InetAddress): Coroutine<string> {
  const host = zonedHost(address)
  const numeric = numericHost(family, host)
  if (numeric !== undefined) {
    checkNumeric(family, numeric)
    return family === AF_INET6 ? parseNumericHost(numeric)!.address : numeric
  }
  return (yield* resolveName(host, family === AF_INET ? 4 : 6))[0].address
}

/** Throws EAI_ADDRFAMILY for a numeric host of the wrong family. */
export function checkNumeric(family: AddressFamily, host: string): void {
  const version = isIP(host.replace(/%.*$/, ''))
  if ((family === AF_INET && version === 6) || (family === AF_INET6 && version === 4))
    throw addressError('EAI_ADDRFAMILY')
}
