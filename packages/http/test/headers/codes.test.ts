import { expect, expectTypeOf, test } from 'vitest'
import { codes } from '../../src/headers/codes.ts'

test('codes has the names of requests in camelCase', () => {
  expect(codes.ok).toBe(200)
  expect(codes.notFound).toBe(404)
  expect(codes.teapot).toBe(418)
  expect(codes.imATeapot).toBe(418)
  expect(codes.tooManyRequests).toBe(429)
  expect(codes['\\o/']).toBe(200)
  expect(codes['✗']).toBe(500)
  expectTypeOf(codes.notFound).toEqualTypeOf<404>()
})

test('codes accepts names in any case, and with underscores', () => {
  expect([codes.OK, codes.NOT_FOUND, codes.not_found, codes.NotFound]).toEqual([200, 404, 404, 404])
})

test('codes returns undefined for an unknown name', () => {
  expect(codes.nope).toBeUndefined()
  expect(codes.toString).toBeUndefined()
  expect([codes[Symbol.iterator as never], Symbol.iterator in codes]).toEqual([undefined, false])
  expect('ok' in codes).toBe(true)
  expect('nope' in codes).toBe(false)
  expect(Object.keys(codes)).toContain('notFound')
  expect(() => {
    ;(codes as { ok: number }).ok = 1
  }).toThrow(TypeError)
})
