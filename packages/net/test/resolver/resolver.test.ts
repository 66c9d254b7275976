import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { type Coroutine, killall, sleep, spawn, until } from '@greenlit/core'
import {
  type CacheOptions,
  CachingResolver,
  createConnection,
  DnsResolver,
  gaierror,
  getResolver,
  LookupResolver,
  type ResolvedAddress,
  setResolver,
} from '@greenlit/net'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, listener, loopTurns, run } from '../pair.ts'

guardLeaks()

/** A resolver whose queries the test answers by hand. */
class ByHand extends CachingResolver {
  readonly asked: string[] = []
  cancelled = 0
  answer: (error: unknown, addresses?: readonly ResolvedAddress[], ttl?: number) => void = () => {}

  constructor(options?: CacheOptions) {
    super(options)
  }

  protected query(host: string, family: 0 | 4 | 6, answer: ByHand['answer']): () => void {
    this.asked.push(`${host}/${family}`)
    this.answer = answer
    return () => {
      this.cancelled += 1
    }
  }
}

const ONE: readonly ResolvedAddress[] = [{ address: '127.0.0.1', family: 4 }]

describe('a caching resolver', () => {
  test('sends concurrent equal queries only once, and caches the answer', () =>
    run(function* () {
      const resolver = new ByHand()
      const both = [spawn(() => resolver.resolve('a.test', 4)), spawn(() => resolver.resolve('a.test', 4))]
      const other = spawn(() => resolver.resolve('a.test', 6))
      yield* sleep(0)
      expect(resolver.asked).toEqual(['a.test/4', 'a.test/6'])
      yield* other.kill()
      expect(resolver.cancelled).toBe(1)
      resolver.clear()
      const again = spawn(() => resolver.resolve('b.test', 4))
      yield* sleep(0)
      resolver.answer(null, ONE)
      expect(yield* again).toEqual(ONE)
      expect(yield* resolver.resolve('b.test', 4)).toEqual(ONE)
      expect(resolver.asked).toHaveLength(3)
      killall(both)
    }))

  test('drops answers when their TTL expires, and when cleared', () =>
    run(function* () {
      const resolver = new ByHand({ ttl: 0, negativeTtl: 0 })
      const ask = function* (ttl?: number): Coroutine<readonly ResolvedAddress[]> {
        const asking = spawn(() => resolver.resolve('a.test', 4))
        yield* sleep(0)
        resolver.answer(null, ONE, ttl)
        return yield* asking
      }
      yield* ask()
      yield* ask(60_000)
      expect(resolver.asked).toHaveLength(2)
      expect(yield* resolver.resolve('a.test', 4)).toEqual(ONE)
      expect(resolver.asked).toHaveLength(2)
      resolver.clear('b.test')
      yield* resolver.resolve('a.test', 4)
      resolver.clear('a.test')
      yield* ask(60_000)
      expect(resolver.asked).toHaveLength(3)
      resolver.clear()
      yield* ask(1)
      yield* sleep(5)
      yield* ask()
      expect(resolver.asked).toHaveLength(5)
    }))

  test('caches failures for a while, and treats an empty answer as a failure', () =>
    run(function* () {
      const resolver = new ByHand({ negativeTtl: 60_000 })
      const first = spawn(() => resolver.resolve('a.test', 4))
      yield* sleep(0)
      resolver.answer(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))
      expect(yield* failure(first.get())).toMatchObject({ name: 'gaierror', code: 'EAI_NONAME', errno: -2 })
      expect(yield* failure(resolver.resolve('a.test', 4))).toBeInstanceOf(gaierror)
      expect(resolver.asked).toHaveLength(1)
      const empty = spawn(() => resolver.resolve('b.test', 4))
      yield* sleep(0)
      resolver.answer(null, [])
      expect(yield* failure(empty.get())).toMatchObject({ errno: -2 })
      const forgetful = new ByHand({ negativeTtl: 0 })
      for (const code of ['EAI_AGAIN', 'EAI_FAIL']) {
        const failing = spawn(() => forgetful.resolve('a.test', 4))
        yield* sleep(0)
        forgetful.answer(Object.assign(new Error('x'), { code }))
        expect(yield* failure(failing.get())).toMatchObject({ name: 'gaierror', code })
      }
    }))

  test('gives each caller of a name that failed an error of its own', () =>
    run(function* () {
      const resolver = new ByHand({ negativeTtl: 60_000 })
      const cause = new Error('getaddrinfo ENOTFOUND')
      const asking = [spawn(() => resolver.resolve('a.test', 4)), spawn(() => resolver.resolve('a.test', 4))]
      yield* sleep(0)
      resolver.answer(Object.assign(cause, { code: 'ENOTFOUND' }))
      const errors = [yield* failure(asking[0]!.get()), yield* failure(asking[1]!.get())]
      errors.push(yield* failure(resolver.resolve('a.test', 4)))
      expect(new Set(errors).size).toBe(3)
      for (const error of errors) {
        expect(error).toBeInstanceOf(gaierror)
        expect(error).toMatchObject({ ...errors[0], message: '[Errno -2] Name or service not known', cause })
      }
      expect(resolver.asked).toHaveLength(1)
    }))

  test('caches at most maxSize names', () =>
    run(function* () {
      const resolver = new ByHand({ maxSize: 2 })
      for (const host of ['a', 'b', 'c']) {
        const asking = spawn(() => resolver.resolve(host, 4))
        yield* sleep(0)
        resolver.answer(null, ONE)
        yield* asking
      }
      yield* resolver.resolve('b', 4)
      yield* resolver.resolve('c', 4)
      expect(resolver.asked).toHaveLength(3)
      const evicted = spawn(() => resolver.resolve('a', 4))
      yield* sleep(0)
      expect(resolver.asked).toHaveLength(4)
      resolver.answer(null, ONE)
      yield* evicted
    }))

  test('cancels a query once no greenlet waits for it, and sends a new one the next time', () =>
    run(function* () {
      const resolver = new ByHand()
      const both = [spawn(() => resolver.resolve('a', 4)), spawn(() => resolver.resolve('a', 4))]
      yield* sleep(0)
      yield* both[0]!.kill()
      expect(resolver.cancelled).toBe(0)
      const { answer } = resolver
      yield* both[1]!.kill()
      expect(resolver.cancelled).toBe(1)
      answer(null, ONE)
      const anew = spawn(() => resolver.resolve('a', 4))
      yield* sleep(0)
      if (!anew.ready()) resolver.answer(null, ONE)
      expect(yield* anew).toEqual(ONE)
    }))

  test('caches the late answer to a cancelled query, but not the cancellation', () =>
    run(function* () {
      const resolver = new ByHand({ negativeTtl: 60_000 })
      const refusal = Object.assign(new Error('called off'), { code: 'ECANCELLED' })
      for (const [error, found] of [
        [refusal, undefined],
        [null, ONE],
      ] as const) {
        const killed = spawn(() => resolver.resolve('a.test', 4))
        yield* sleep(0)
        yield* killed.kill()
        resolver.answer(error, found)
        yield* until(Promise.resolve())
      }
      expect(yield* resolver.resolve('a.test', 4)).toEqual(ONE)
      expect(resolver.asked).toHaveLength(2)
    }))

  test('can be answered synchronously', () =>
    run(function* () {
      class AtOnce extends CachingResolver {
        protected query(_host: string, _family: 0 | 4 | 6, answer: ByHand['answer']): () => void {
          answer(null, ONE)
          return () => {}
        }
      }
      expect(yield* new AtOnce().resolve('a.test', 4)).toEqual(ONE)
    }))

  test('throws each time for a family that cannot be queried', () =>
    run(function* () {
      const resolver = new LookupResolver()
      for (let turn = 0; turn < 2; turn += 1)
        expect(yield* failure(resolver.resolve('localhost', 5 as never))).toBeInstanceOf(TypeError)
    }))

  test('refuses bad options', () => {
    expect(() => new LookupResolver({ ttl: -1 })).toThrow(RangeError)
    expect(() => new LookupResolver({ maxSize: 0 })).toThrow(RangeError)
    expect(() => new LookupResolver({ negativeTtl: '1' as never })).toThrow(TypeError)
    expect(() => setResolver({} as never)).toThrow(TypeError)
    expect(() => setResolver(undefined as never)).toThrow(TypeError)
  })
})

describe("the system's resolver", () => {
  test('resolves localhost, but not an invalid name', () =>
    run(function* () {
      const resolver = new LookupResolver()
      expect(yield* resolver.resolve('localhost', 4)).toEqual([{ address: '127.0.0.1', family: 4 }])
      const error = yield* failure(resolver.resolve('no-such.invalid', 0))
      expect(error).toBeInstanceOf(gaierror)
      expect([-2, -3]).toContain((error as gaierror).errno)
    }))
})

describe('the DNS resolver', () => {
  test('asks the given server, caches answers for their TTL and cancels queries', () =>
    run(function* () {
      const server = yield* dnsServer({ 'host.test': '127.0.0.1' })
      expect(() => new DnsResolver({ servers: ['localhost'] })).toThrow(TypeError)
      const resolver = new DnsResolver({ servers: [`127.0.0.1:${server.port}`], tries: 1, timeout: 500 })
      expect(yield* resolver.resolve('host.test', 4)).toEqual(ONE)
      expect(yield* resolver.resolve('host.test', 4)).toEqual(ONE)
      expect(server.questions).toEqual(['host.test'])
      expect(yield* failure(resolver.resolve('other.test', 4))).toMatchObject({ name: 'gaierror', errno: -2 })
      const killed = spawn(() => resolver.resolve('silent.test', 4))
      yield* loopTurns()
      yield* killed.kill()
      expect(yield* resolver.resolve('localhost', 0)).toEqual([
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ])
      expect(yield* resolver.resolve('any.localhost', 4)).toEqual(ONE)
      server.close()
    }))

  test('asks for the addresses of both families, and needs those of only one', () =>
    run(function* () {
      const server = yield* dnsServer({ 'both.test': '127.0.0.1', 'old.test': '127.0.0.1' }, { 'both.test': '::1' }, 0)
      const resolver = new DnsResolver({ servers: [`127.0.0.1:${server.port}`], tries: 1 })
      const new6: ResolvedAddress = { address: '::1', family: 6 }
      for (let turn = 0; turn < 2; turn += 1) {
        expect(yield* resolver.resolve('both.test', 0)).toEqual([...ONE, new6])
        expect(yield* resolver.resolve('both.test', 6)).toEqual([new6])
        expect(yield* resolver.resolve('old.test', 0)).toEqual(ONE)
      }
      // Their TTL expires immediately.
      expect(server.questions).toEqual(['both.test', 'old.test', 'both.test', 'old.test'])
      server.close()
    }))

  test('throws a gaierror if the server refuses the query or cannot be reached', () =>
    run(function* () {
      const server = yield* dnsServer({})
      const resolver = new DnsResolver({ servers: [`127.0.0.1:${server.port}`], tries: 1 })
      expect(yield* failure(resolver.resolve('refused.test', 4))).toMatchObject({ name: 'gaierror', code: 'EAI_AGAIN' })
      server.close()
      expect(yield* failure(resolver.resolve('host.test', 4))).toMatchObject({ name: 'gaierror', code: 'EAI_AGAIN' })
    }))

  test('serves every call of the package once it is set', () =>
    run(function* () {
      const server = yield* dnsServer({ 'host.test': '127.0.0.1' })
      const target = yield* listener()
      const [, port] = target.getsockname() as [string, number]
      const previous = setResolver(new DnsResolver({ servers: [`127.0.0.1:${server.port}`], tries: 1 }))
      try {
        expect(getResolver()).toBeInstanceOf(DnsResolver)
        const client = yield* createConnection(['host.test', port])
        expect(client.getpeername()).toEqual(['127.0.0.1', port])
        client.close()
        ;(yield* target.accept())[0].close()
      } finally {
        setResolver(previous)
      }
      target.close()
      server.close()
    }))
})

/** A DNS server that knows a few addresses, never answers 'silent' names and refuses 'refused' ones. Records queries for IPv4. */
function* dnsServer(
  addresses: Readonly<Record<string, string>>,
  addresses6: Readonly<Record<string, string>> = {},
  seconds = 3600,
) {
  const questions: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const name = nameIn(query)
    const is6 = query.readUInt16BE(query.indexOf(0, 12) + 1) === 28
    if (!is6) questions.push(name)
    if (name.startsWith('silent')) return
    const answer = reply(query, (is6 ? addresses6 : addresses)[name], seconds)
    if (name.startsWith('refused')) answer[3] = 0x85
    // The answer for IPv6 arrives first.
    setTimeout(() => socket.send(answer, from.port, from.address), is6 ? 0 : 10)
  })
  yield* bound(socket)
  return { questions, port: socket.address().port, close: () => socket.close() }
}

function* bound(socket: UdpSocket): Coroutine<void> {
  let isBound = false
  socket.bind(0, '127.0.0.1', () => {
    isBound = true
  })
  while (!isBound) yield* sleep(1)
}

function nameIn(query: Buffer): string {
  const labels: string[] = []
  for (let at = 12; query[at] !== 0; at += query[at]! + 1)
    labels.push(String(query.subarray(at + 1, at + 1 + query[at]!)))
  return labels.join('.')
}

function reply(query: Buffer, address: string | undefined, seconds: number): Buffer {
  const end = query.indexOf(0, 12) + 5
  const header = Buffer.from(query.subarray(0, 12))
  header.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2)
  header.writeUInt16BE(address === undefined ? 0 : 1, 6)
  header.writeUInt16BE(0, 8)
  header.writeUInt16BE(0, 10)
  const parts = [header, query.subarray(12, end)]
  if (address !== undefined) {
    const packed = address === '::1' ? [...Buffer.alloc(15), 1] : address.split('.').map(Number)
    const [high, low] = [seconds >> 8, seconds & 255]
    const type = packed.length === 16 ? 28 : 1
    parts.push(Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, high, low, 0, packed.length, ...packed]))
  }
  return Buffer.concat(parts)
}
