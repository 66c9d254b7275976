import type { LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { checkActed } from '../check-acted.ts'
import { carefulLookup } from '../engine/careful-lookup.ts'
import { AddressForbidden } from '../errors/address-forbidden.ts'
import type { AddressGuard } from './address-guard.ts'
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
  const resolve = carefulLookup(lookup, (message) => new AddressForbidden(message))
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, answer) => {
      if (error) return callback(error, [])
      const allowed: LookupAddress[] = []
      let refusal: unknown
      for (const found of answer as LookupAddress[]) {
        try {
          checkActed(guard.check(urlOf(found.address)), '`guard.check`')
          allowed.push(found)
        } catch (reason) {
          refusal = reason
        }
      }
      answerWith(allowed, options.all === true, callback, () => refusal as NodeJS.ErrnoException)
    })
  }
}

/** A URL with an IP address as its host. */
function urlOf(address: string): URL {
  const bare = withoutZone(address)
  return new URL(isIP(bare) === 6 ? `http://[${bare}]/` : `http://${bare}/`)
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
