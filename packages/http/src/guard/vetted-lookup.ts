import type { LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { show } from '@greenlit/core/engine'
import { AddressForbidden } from '../errors/address-forbidden.ts'
import type { AddressGuard } from '../session/options.ts'
import { withoutZone } from './public-address.ts'

/** One function for each guard and look-up: engines keep connections by it. */
const known = new WeakMap<AddressGuard, WeakMap<LookupFunction, LookupFunction>>()

/** A look-up whose answers a guard has seen: those that it refuses are left out, and it fails as the guard says if none is left. */
export function vettedLookup(guard: AddressGuard, lookup: LookupFunction): LookupFunction {
  let ofGuard = known.get(guard)
  if (ofGuard === undefined) known.set(guard, (ofGuard = new WeakMap()))
  let vetted = ofGuard.get(lookup)
  if (vetted === undefined) ofGuard.set(lookup, (vetted = guard.vet?.(lookup) ?? checkedLookup(guard, lookup)))
  return vetted
}

/** For guards that know URLs only: each address is asked about as one. */
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

/** A URL with an address for a host. What is no address would be looked up again, unseen. */
function urlOf(address: string): URL {
  const bare = withoutZone(address)
  const family = isIP(bare)
  if (family === 0) throw new AddressForbidden(`Expected an IP address of the look-up, got ${show(address)}`)
  return new URL(family === 6 ? `http://[${bare}]/` : `http://${bare}/`)
}

/** What a look-up answered, as a list. */
export function addressesOf(answer: string | LookupAddress[], family: number | undefined): LookupAddress[] {
  return Array.isArray(answer) ? answer : [{ address: answer, family: family ?? isIP(answer) }]
}

/** Answers a look-up with what is left, in the form that it was asked for. */
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
