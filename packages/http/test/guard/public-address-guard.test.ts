import * as http from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { attempt, spawn } from '@greenlit/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AddressForbidden } from '../../src/errors/address-forbidden.ts'
import { PublicAddressGuard } from '../../src/guard/public-address-guard.ts'
import { Session } from '../../src/session/session.ts'

let server: http.Server
let port: number
let reached: string[] = []

beforeAll(async () => {
  server = http.createServer((request, response) => {
    reached.push(request.url!)
    const to = new URL(request.url!, 'http://x').searchParams.get('to')
    if (to === null) response.end('inside')
    else response.writeHead(302, { location: to }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => new Promise((resolve) => server.close(resolve)))

/** A fake name server that returns each name's answers in turn, the last one forever. */
function nameServer(names: Record<string, string[][]>): { lookup: LookupFunction; asked: string[] } {
  const asked: string[] = []
  const lookup: LookupFunction = (hostname, options, callback) => {
    asked.push(hostname)
    const answers = names[hostname] ?? [[]]
    const addresses = (answers.length > 1 ? answers.shift()! : answers[0]!).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }))
    if (options.all) callback(null, addresses)
    else callback(null, addresses[0]!.address, addresses[0]!.family)
  }
  return { lookup, asked }
}

async function outcome(url: string, guard: PublicAddressGuard): Promise<string> {
  reached = []
  const session = new Session({ guard, trustEnv: false })
  const got = await spawn(function* () {
    return yield* attempt(session.get(url, { timeout: 5000 }))
  })
  session.close()
  if (got.ok) return got.value.text
  expect(got.error).toBeInstanceOf(AddressForbidden)
  return 'forbidden'
}

describe('a session with a PublicAddressGuard', () => {
  test.each([
    'http://127.0.0.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://localhost:PORT/',
    'http://169.254.169.254/latest/meta-data/',
  ])('rejects %s', async (url) => {
    expect(await outcome(url.replace('PORT', String(port)), new PublicAddressGuard())).toBe('forbidden')
    expect(reached).toEqual([])
  })

  test('allows exceptions by address, network or name', async () => {
    for (const allow of ['127.0.0.1', '127.0.0.0/8']) {
      expect(await outcome(`http://127.0.0.1:${port}/`, new PublicAddressGuard({ allow: [allow] }))).toBe('inside')
    }
    const { lookup } = nameServer({ 'wiki.internal': [['127.0.0.1']] })
    const guard = new PublicAddressGuard({ allow: ['WIKI.internal.'], lookup })
    expect(await outcome(`http://wiki.internal:${port}/`, guard)).toBe('inside')
    expect(await outcome(`http://127.0.0.1:${port}/`, guard)).toBe('forbidden')
  })

  test('checks each redirect', async () => {
    const { lookup } = nameServer({ 'outside.example': [['127.0.0.1']], 'inside.example': [['10.0.0.1']] })
    const guard = new PublicAddressGuard({ allow: ['outside.example'], lookup })
    const start = `http://outside.example:${port}`
    expect(await outcome(`${start}/?to=${encodeURIComponent(`http://127.0.0.1:${port}/secret`)}`, guard)).toBe(
      'forbidden',
    )
    expect(reached).toHaveLength(1)
    expect(await outcome(`${start}/?to=${encodeURIComponent('http://inside.example/secret')}`, guard)).toBe('forbidden')
    expect(await outcome(`${start}/?to=/else`, guard)).toBe('inside')
  })

  test('connects to the address that it checked, whatever the name server says next', async () => {
    const { lookup, asked } = nameServer({ 'rebinding.example': [['127.0.0.1'], ['10.0.0.1']] })
    const guard = new PublicAddressGuard({ allow: ['127.0.0.1'], lookup })
    expect(await outcome(`http://rebinding.example:${port}/`, guard)).toBe('inside')
    expect(asked).toEqual(['rebinding.example'])
    expect(await outcome(`http://rebinding.example:${port}/`, guard)).toBe('forbidden')
  })

  test('omits the forbidden addresses of a name', async () => {
    const { lookup } = nameServer({ 'mixed.example': [['10.255.255.1', '127.0.0.1', '::1']] })
    const guard = new PublicAddressGuard({ allow: ['127.0.0.1'], lookup })
    expect(await outcome(`http://mixed.example:${port}/`, guard)).toBe('inside')
  })

  test('says which address it rejected', () => {
    const guard = new PublicAddressGuard()
    expect(() => guard.check(new URL('http://[::ffff:10.0.0.1]/'))).toThrow(
      /\[::ffff:a00:1\] is no address of the public internet/,
    )
    const { lookup } = nameServer({ 'inside.example': [['10.0.0.1', '10.0.0.2']] })
    let message = ''
    new PublicAddressGuard({ lookup }).lookup('inside.example', {}, (error) => (message = error!.message))
    expect(message).toContain('inside.example leads to 10.0.0.1, 10.0.0.2')
  })
})

describe('PublicAddressGuard', () => {
  test('passes on errors of the name server', () => {
    const failure = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
    const guard = new PublicAddressGuard({ lookup: (_, __, callback) => callback(failure, '') })
    let got: unknown
    guard.lookup('x.example', { all: true }, (error) => (got = error))
    expect(got).toBe(failure)
  })

  test('returns one address if one is asked for', () => {
    const { lookup } = nameServer({ 'x.example': [['10.0.0.1', '8.8.8.8']] })
    let got: unknown
    new PublicAddressGuard({ lookup }).lookup('x.example', {}, (...answer) => (got = answer))
    expect(got).toEqual([null, '8.8.8.8', 4])
  })

  test.each([
    ['10.0.0.0/8', TypeError],
    [['10.0.0.0/33'], RangeError],
    [['10.0.0.0/x'], RangeError],
    [['http://example.com'], RangeError],
    [['example.com/8'], RangeError],
    [['a b'], RangeError],
    [[''], TypeError],
    [[7], TypeError],
  ])('rejects %j as the `allow` option', (allow, kind) => {
    expect(() => new PublicAddressGuard({ allow: allow as string[] })).toThrow(kind)
    expect(() => new PublicAddressGuard({ allow: allow as string[] })).toThrow(/`allow`/)
  })
})

test.each(['127.0.0.0/8/8', '300.1.1.1', '10.1', '*', '*.example.com', 'a/b', 'a?b', '10.0.0.*'])(
  'refuses the exception %s, which would never match',
  (entry) => {
    expect(() => new PublicAddressGuard({ allow: [entry] })).toThrow(RangeError)
    expect(() => new PublicAddressGuard({ allow: [entry] })).toThrow(/`allow`/)
  },
)

test('allows an international host name', async () => {
  const { lookup } = nameServer({ 'xn--bcher-kva.example': [['127.0.0.1']] })
  const guard = new PublicAddressGuard({ allow: ['B\u00fccher.example'], lookup })
  expect(await outcome(`http://b\u00fccher.example:${port}/`, guard)).toBe('inside')
})

test('a guard allows IPv6 networks and addresses too, and takes no name for an address', () => {
  const guard = new PublicAddressGuard({ allow: ['fd00::/8', '[::1]', 'fe80::/64', '10.0.0.0/8', 'localhost'] })
  const allowed = ['fd12:3456::1', '::1', 'fe80::1%eth0', '10.1.2.3', '2606:4700::1111', '8.8.8.8']
  expect(allowed.map((address) => guard.allows(address))).toEqual(allowed.map(() => true))
  const refused = ['fc00::1', '::2', 'fe80:0:0:1::1', '127.0.0.1', 'localhost', '']
  expect(refused.map((address) => guard.allows(address))).toEqual(refused.map(() => false))
  for (const network of ['fd00::/129', '10.0.0.0/']) {
    expect(() => new PublicAddressGuard({ allow: [network] })).toThrow(RangeError)
  }
})
