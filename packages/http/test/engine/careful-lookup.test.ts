import type { LookupFunction } from 'node:net'
import { attempt } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { carefulLookup } from '../../src/engine/careful-lookup.ts'
import { AddressForbidden } from '../../src/errors/address-forbidden.ts'
import { ConnectionError } from '../../src/errors/connection-error.ts'
import { PublicAddressGuard } from '../../src/guard/public-address-guard.ts'
import { Session } from '../../src/session/session.ts'
import { ENGINES } from '../support/engines.ts'

const address = { address: '127.0.0.1', family: 4 }
const answering =
  (...answer: unknown[]): LookupFunction =>
  (_name, _options, callback) =>
    (callback as (...answer: unknown[]) => void)(...answer)

function answersOf(lookup: LookupFunction, all: boolean): unknown[][] {
  const answers: unknown[][] = []
  carefulLookup(lookup)('x.test', { all }, (...answer) => answers.push(answer))
  return answers
}

test.each([
  ['an array', [[address]]],
  ['an address and its family', ['127.0.0.1', 4]],
  ['an address alone', ['127.0.0.1']],
  ['a family by name', [[{ address: '127.0.0.1', family: 'IPv4' }]]],
])('an answer of %s has the form that was asked for', (_words, answer) => {
  expect(answersOf(answering(null, ...answer), true)).toEqual([[null, [address]]])
  expect(answersOf(answering(null, ...answer), false)).toEqual([[null, '127.0.0.1', 4]])
})

test('only the first answer counts', () => {
  const twice: LookupFunction = (_name, _options, callback) => {
    callback(null, [address])
    callback(null, [])
    callback(new Error('late'), '')
  }
  expect(answersOf(twice, true)).toEqual([[null, [address]]])
})

test('an error after the answer is not hidden', () => {
  const broken: LookupFunction = (_name, _options, callback) => {
    callback(null, [address])
    throw new Error('too late')
  }
  expect(() => answersOf(broken, true)).toThrow('too late')
})

const later =
  (answer: unknown): LookupFunction =>
  (_name, _options, callback) => {
    setImmediate(() => (callback as (...answer: unknown[]) => void)(null, answer))
  }

const BAD: readonly [string, LookupFunction, RegExp][] = [
  ['answers with no address', later([]), /x\.test leads to no address/],
  ['answers with nothing', later(undefined), /to answer with IP addresses, got undefined/],
  ['answers with null', later([null]), /to answer with IP addresses/],
  ['answers with a number', later(7), /to answer with IP addresses, got 7/],
  ['answers with a name', later([{ address: 'y.test', family: 4 }]), /to answer with IP addresses/],
]

describe.each(ENGINES)('on %s, a lookup that', (_name, createEngine) => {
  const failure = async (lookup: LookupFunction, url = 'http://x.test:1/', guard?: PublicAddressGuard) => {
    using session = new Session({ engine: createEngine(), trustEnv: false })
    const result = await attempt(session.get(url, { lookup, guard, timeout: 5000 }))
    return result.ok ? undefined : result.error
  }

  test.each(BAD)('%s fails the request, and not the process', async (_words, lookup, message) => {
    for (const url of ['http://x.test:1/', 'https://x.test:1/']) {
      const error = await failure(lookup, url)
      expect(error).toBeInstanceOf(ConnectionError)
      expect(error?.message).toMatch(message)
      expect(await failure(lookup, url, new PublicAddressGuard())).toBeInstanceOf(AddressForbidden)
    }
  })

  test('throws, or gives a reason that is no error, fails the request with it', async () => {
    const thrown = new RangeError('no resolver')
    for (const url of ['http://x.test:1/', 'https://x.test:1/']) {
      const throwing = () => {
        throw thrown
      }
      expect(await failure(throwing, url)).toMatchObject({ name: 'ConnectionError', cause: thrown })
      const rejecting = async () => throwing()
      expect(await failure(rejecting, url)).toMatchObject({ name: 'ConnectionError', cause: thrown })
      expect((await failure(rejecting, url, new PublicAddressGuard()))?.cause).toBe(thrown)
      expect((await failure(answering('no reason'), url))?.message).toMatch('The look-up of x.test failed: no reason')
    }
  })
})
