import type { LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { show } from '@greenlit/core/engine'
import { AddressForbidden } from '../errors/address-forbidden.ts'
import type { AddressGuard } from '../session/options.ts'
import { withoutZone } from './public-address.ts'

/** One function for each guard and lookup, as engines pool connections by it. */
const cache = new WeakMap<AddressGuard, WeakMap<LookupFunction, LookupFunction>>()

/** Wraps a lookup so that it returns only addresses that a guard allows; it fails with the guard's error if none is left. */
export function vettedLookup(guard: AddressGuard, lookup: LookupFunction): LookupFunction {
  let lookups = cache.get(guard)
  if (lookups === undefined) cache.set(guard, (lookups = new WeakMap()))
  let vetted = lookups.get(lookup)
  if (vetted === undefined) lookups.set(lookup, (vetted = guard.vet?.(lookup) ?? checkedLookup(guard, lookup)))
  return vetted
}

/** For guards without `vet`: each address is checked as the host of a URL. */
function checkedLookup(guard: AddressGuard, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, answer, family) => {
      if (error) return callback(error, [])
      const allowed: LookupAddress[] = []
      let refusal: unknown = new AddressForbidden(`${hostname} leads to no address`)
      for (const found of addressesOf(answer, family)) {
        try {
          guard.check(urlOf(found.address))
          allowed.push(found)
        } catch (reason) {
          refusal = reason
        }
      }
      answerWith(allowed, options.all === true, callback, () => refusal as NodeJS.ErrnoException)
    })
  }
}

/** A URL with an IP address as its host. Anything else is rejected, as it would be resolved again without being checked. */
function urlOf(address: string): URL {
  const bare = withoutZone(address)
  const family = isIP(bare)
  if (family === 0) throw new AddressForbidden(`Expected an IP address of the look-up, got ${show(address)}`)
  return new URL(family === 6 ? `http://[${bare}]/` : `http://${bare}/`)
}

/** The answer of a lookup as an array. */
export function addressesOf(answer: string | LookupAddress[], family: number | undefined): LookupAddress[] {
  return Array.isArray(answer) ? answer : [{ address: answer, family: family ?? isIP(answer) }]
}

/** Calls back with the remaining addresses, in the form that was requested (`all` or a single one), or with the refusal. */
export function answerWith(
  addresses: readonly LookupAddress[],
  all: boolean,
  callback: Parameters<LookupFunction>[2],
  refusal: () => NodeJS.ErrnoException,
): void {
  const [first] = addresses
  if (first === undefined) callback(refusal(), all ? [] : '')
  else if (all) callback(null, [...addresses])
  else callback(null, first.address, first.family)
}
