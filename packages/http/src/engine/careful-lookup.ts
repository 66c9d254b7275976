import type { LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { show } from '@greenlit/core/engine'
import { isPromiseLike } from '../is-promise-like.ts'

/**
 * Wraps a lookup so that it answers exactly once, in the form that was asked for (`all` or a single address), and never throws: Node
 * throws at anything else where nobody can catch it.
 *
 * @param asFailure returns the error for an answer without addresses, or with anything else in it
 */
export function carefulLookup(
  lookup: LookupFunction,
  asFailure: (message: string) => Error = notFound,
): LookupFunction {
  return (hostname, options, callback) => {
    const { all } = options
    let hasAnswered = false
    const fail = (reason: unknown): void => {
      const error = reason instanceof Error ? reason : new Error(`The look-up of ${hostname} failed: ${String(reason)}`)
      callback(error, all ? [] : '')
    }
    const threw = (error: unknown): void => {
      if (hasAnswered) throw error
      hasAnswered = true
      fail(error)
    }
    try {
      const returned: unknown = lookup(hostname, options, (error, answer) => {
        if (hasAnswered) return
        hasAnswered = true
        if (error) return fail(error)
        const found = addressesIn(answer)
        const [first] = found ?? []
        if (found === undefined) {
          fail(asFailure(`Expected the look-up of ${hostname} to answer with IP addresses, got ${show(answer)}`))
        } else if (first === undefined) {
          fail(asFailure(`${hostname} leads to no address`))
        } else if (all) {
          callback(null, found)
        } else {
          callback(null, first.address, first.family)
        }
      })
      // An asynchronous function throws later.
      if (isPromiseLike(returned)) returned.then(undefined, threw)
    } catch (error) {
      threw(error)
    }
  }
}

function notFound(message: string): Error {
  return Object.assign(new Error(message), { code: 'ENOTFOUND' })
}

/** The addresses of an answer, a single one or an array; `undefined` if it holds anything else. */
function addressesIn(answer: unknown): LookupAddress[] | undefined {
  const addresses: LookupAddress[] = []
  for (const found of Array.isArray(answer) ? answer : [{ address: answer }]) {
    const address: unknown = found?.address
    const family = typeof address === 'string' ? isIP(address) : 0
    if (family === 0) return undefined
    addresses.push({ address: address as string, family })
  }
  return addresses
}
