import { nativeEngine } from '@greenlit/http/native'
import { undiciEngine } from '@greenlit/http/undici'
import { expect, test, vi } from 'vitest'
import type { EngineRequest } from '../../src/engine/engine.ts'
import { IdleConnections } from '../../src/engine/idle-connections.ts'
import { Pools } from '../../src/engine/pools.ts'
import type { Connection } from '../../src/native/connection.ts'
import { ConnectionPool } from '../../src/native/connection-pool.ts'

function requestTo(url: string, tls?: object): EngineRequest {
  return { url: new URL(url), tls } as unknown as EngineRequest
}

function makePools() {
  const made: { readonly request: EngineRequest; readonly close: () => void }[] = []
  const pools = new Pools((request) => {
    const serves = (other: EngineRequest) => other.tls === request.tls
    const isFor = (other: EngineRequest) => other.url.origin === request.url.origin && serves(other)
    const pool = { request, serves, isFor, close: vi.fn() }
    made.push(pool)
    return pool
  })
  return { pools, made }
}

test('there is one pool for each origin and route', () => {
  const { pools, made } = makePools()
  const tls = {}
  const one = pools.for(requestTo('http://a/1'))
  expect(pools.for(requestTo('http://a/2'))).toBe(one)
  const other = pools.for(requestTo('http://b/'))
  expect(other).not.toBe(one)
  expect(pools.for(requestTo('http://a/', tls))).not.toBe(one)
  expect(pools.for(requestTo('http://a/'))).toBe(one)
  expect(made).toHaveLength(3)
})

test('the oldest pool is closed when there are very many, and recreated on demand', () => {
  const { pools, made } = makePools()
  for (let index = 0; index <= 1000; index += 1) pools.for(requestTo(`http://host${index}/`))
  expect(made.map((pool) => vi.mocked(pool.close).mock.calls.length)).toEqual([1, ...Array(1000).fill(0)])
  expect(pools.for(requestTo('http://host0/'))).not.toBe(made[0])
})

test('all pools are closed, and later ones are new', () => {
  const { pools, made } = makePools()
  const one = pools.for(requestTo('http://a/'))
  pools.close()
  expect(made[0]!.close).toHaveBeenCalledOnce()
  expect(pools.for(requestTo('http://a/'))).not.toBe(one)
})

test('http and https have separate pools for the same host', () => {
  const idle = new IdleConnections<Connection>((connection) => connection.close())
  const pools = new Pools((request) => new ConnectionPool(request, 1000, idle))
  const plain = pools.for(requestTo('http://a/'))
  const secure = pools.for(requestTo('https://a/'))
  expect(secure).not.toBe(plain)
  expect(pools.for(requestTo('https://a/other'))).toBe(secure)
  expect(pools.for(requestTo('http://a/other'))).toBe(plain)
})

test.each([
  ['native', nativeEngine],
  ['undici', undiciEngine],
])('the %s engine rejects invalid options, and times beyond a timer’s range', (_name, engine) => {
  expect(() => engine(5 as never)).toThrow(TypeError)
  for (const keepAliveTimeout of [0, -1, Number.NaN, 2 ** 31, '1']) {
    expect(() => engine({ keepAliveTimeout: keepAliveTimeout as number })).toThrow(
      'Expected `keepAliveTimeout` to be milliseconds from 1 to 2147483647',
    )
  }
})
