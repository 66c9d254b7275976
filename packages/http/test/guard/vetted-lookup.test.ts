import { createServer, type Server } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { attempt } from '@greenlit/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { crawl } from '../../src/crawl/crawl.ts'
import { AddressForbidden } from '../../src/errors/address-forbidden.ts'
import type { AddressGuard } from '../../src/guard/address-guard.ts'
import { PublicAddressGuard } from '../../src/guard/public-address-guard.ts'
import { vettedLookup } from '../../src/guard/vetted-lookup.ts'
import type { RequestOptions } from '../../src/session/options.ts'
import { Session } from '../../src/session/session.ts'
import { guardLeaks } from '../support/guard.ts'

guardLeaks()

let server: Server
let port: number
let reached = 0
beforeAll(async () => {
  server = createServer((_, response) => {
    reached += 1
    response.end('inside')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const answering = (...addresses: string[]): LookupFunction & { asked: string[] } => {
  const asked: string[] = []
  const lookup: LookupFunction = (hostname, options, callback) => {
    asked.push(hostname)
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (options.all) callback(null, found)
    else callback(null, found[0]!.address, found[0]!.family)
  }
  return Object.assign(lookup, { asked })
}
const inside = answering('127.0.0.1')

/** A custom guard that checks addresses in URLs only, without `vet`. */
const plainGuard = (allowed: string): AddressGuard => ({
  check(url) {
    if (/^[\d.]+$|^\[/.test(url.hostname) && url.hostname !== allowed) throw new AddressForbidden(`not ${url.hostname}`)
  },
  lookup: answering('10.0.0.1'),
})

async function fetched(session: Session, options: RequestOptions): Promise<string> {
  reached = 0
  const got = await attempt(session.get(`http://name.example:${port}/`, { timeout: 5000, ...options }))
  session.close()
  expect(reached).toBe(got.ok ? 1 : 0)
  if (!got.ok && !(got.error instanceof AddressForbidden)) throw got.error
  return got.ok ? got.value.text : 'forbidden'
}

describe('a guard whose check does not act at once', () => {
  const forbid = (): never => {
    throw new AddressForbidden('never')
  }
  test.each([
    ['a promise', async () => forbid()],
    [
      'a coroutine',
      function* () {
        forbid()
      },
    ],
  ])('but returns %s allows nothing', async (_words, check) => {
    reached = 0
    using session = new Session({ guard: { check, lookup: inside } })
    for (const host of ['127.0.0.1', 'name.example']) {
      await expect(async () => session.get(`http://${host}:${port}/`)).rejects.toThrow(
        'Expected `guard.check` to act at once, got a coroutine or a promise',
      )
    }
    expect(() =>
      vettedLookup({ check, lookup: inside }, inside)('x.test', { all: true }, (error) => {
        throw error
      }),
    ).toThrow('Expected `guard.check` to act at once')
    expect(reached).toBe(0)
  })
})

describe('a custom lookup', () => {
  test('of a request does not bypass the guard', async () => {
    for (const guard of [new PublicAddressGuard(), plainGuard('8.8.8.8')]) {
      expect(await fetched(new Session({ guard }), { lookup: inside })).toBe('forbidden')
      expect(await fetched(new Session(), { lookup: inside, guard })).toBe('forbidden')
    }
    for (const guard of [new PublicAddressGuard({ allow: ['127.0.0.1'] }), plainGuard('127.0.0.1')]) {
      expect(await fetched(new Session({ guard }), { lookup: inside })).toBe('inside')
    }
    expect(await fetched(new Session(), { lookup: inside })).toBe('inside')
  })

  test('of a session does not bypass the guard, and is used if the guard has none', async () => {
    expect(await fetched(new Session({ lookup: inside, guard: new PublicAddressGuard() }), {})).toBe('forbidden')
    const allow = ['name.example']
    expect(await fetched(new Session({ lookup: inside, guard: new PublicAddressGuard({ allow }) }), {})).toBe('inside')
    const lookup = answering('10.0.0.1')
    const guard = new PublicAddressGuard({ lookup })
    expect(await fetched(new Session({ lookup: inside, guard }), {})).toBe('forbidden')
    expect(lookup.asked).toEqual(['name.example'])
  })

  test('of a crawl’s session does not bypass the guard', async () => {
    const session = new Session({ lookup: inside })
    reached = 0
    const stats = await crawl({ seeds: `http://name.example:${port}/`, session })
    expect([stats.failed, reached]).toEqual([1, 0])
    session.close()
  })

  test('is wrapped once for each guard, so that connections are reused', () => {
    const guard = new PublicAddressGuard()
    expect(vettedLookup(guard, inside)).toBe(vettedLookup(guard, inside))
    expect(vettedLookup(guard, inside)).not.toBe(vettedLookup(new PublicAddressGuard(), inside))
  })

  test('passes on its errors, and returns the form asked for', () => {
    const failure = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
    const ask = (lookup: LookupFunction, options = {}) => {
      let got: unknown[] = []
      vettedLookup(plainGuard('8.8.8.8'), lookup)('x', options, (...answer) => (got = answer))
      return got
    }
    expect(ask((_, __, callback) => callback(failure, ''))[0]).toBe(failure)
    expect(ask(answering('10.0.0.1', '8.8.8.8'))).toEqual([null, '8.8.8.8', 4])
    expect(ask(answering('10.0.0.1', '8.8.8.8'), { all: true })).toEqual([null, [{ address: '8.8.8.8', family: 4 }]])
    // Some lookups return one address, whatever is asked for.
    const simple = (address: string) => ask((_, __, callback) => callback(null, address), { all: true })
    expect(simple('8.8.8.8')).toEqual([null, [{ address: '8.8.8.8', family: 4 }]])
    expect(simple('10.0.0.1')[0]).toMatchObject({ message: 'not 10.0.0.1' })
    expect(ask(answering('10.0.0.1'))[0]).toMatchObject({ message: 'not 10.0.0.1' })
    for (const addresses of [['fe80::1%eth0'], ['inside.example'], []]) {
      expect(ask(answering(...addresses), { all: true })[0]).toBeInstanceOf(AddressForbidden)
    }
  })
})
