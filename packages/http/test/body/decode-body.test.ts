import * as zlib from 'node:zlib'
import { GreenletExit } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import {
  ACCEPT_ENCODING,
  codingsOf,
  decodeBody,
  decodingFailure,
  hasZlibHeader,
  isDecodable,
  maxDecodedSize,
} from '../../src/body/decode-body.ts'
import { ContentDecodingError } from '../../src/errors/content-decoding-error.ts'
import { ResponseTooLarge } from '../../src/errors/response-too-large.ts'

const { gzipSync, deflateSync, deflateRawSync, brotliCompressSync } = zlib
const hasZstd = 'zstdCompressSync' in zlib
const MEBIBYTE = 1024 * 1024

const ENCODERS: readonly (readonly [coding: string, encode: (bytes: Uint8Array) => Uint8Array])[] = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ...(hasZstd ? [['zstd', (zlib as unknown as { zstdCompressSync: typeof gzipSync }).zstdCompressSync] as const] : []),
]

describe('the codings of a body', () => {
  test.each([
    [undefined, []],
    ['', []],
    ['gzip', ['gzip']],
    [' GZip , br ', ['gzip', 'br']],
    ['identity, , deflate', ['deflate']],
  ])('are read from the header: %j', (header, codings) => {
    expect(codingsOf(header)).toEqual(codings)
  })

  test('are requested as far as this Node version can decode them', () => {
    expect(ACCEPT_ENCODING).toBe(hasZstd ? 'gzip, deflate, br, zstd' : 'gzip, deflate, br')
  })

  test.each([
    [[], false],
    [['gzip'], true],
    [['x-gzip'], true],
    [['deflate', 'br'], true],
    [['zstd'], hasZstd],
    [['compress'], false],
    [['gzip', 'unknown'], false],
    [Array(5).fill('gzip'), true],
  ])('can be decoded: %j %s', (codings, expected) => {
    expect(isDecodable(codings)).toBe(expected)
  })

  test('are at most five', () => {
    expect(() => isDecodable(Array(6).fill('gzip'))).toThrow(ContentDecodingError)
    expect(() => isDecodable(Array(6).fill('gzip'))).toThrow('Expected at most 5 codings, got 6')
  })
})

describe('a body', () => {
  const small = Buffer.from('hello '.repeat(10))
  // Larger than what is decoded synchronously, even when encoded.
  const large = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * at * 31) % 251))

  test.each(ENCODERS)('in %s is decoded, small and large', async (coding, encode) => {
    for (const body of [small, large]) {
      expect(body.equals(await decodeBody(encode(body), [coding], body.length))).toBe(true)
      await expect(decodeBody(encode(body), [coding], body.length - 1)).rejects.toThrow(ResponseTooLarge)
      const damaged = Buffer.concat([encode(body).subarray(0, 2), Buffer.alloc(6000, 0xff)])
      await expect(decodeBody(damaged, [coding], 10_000)).rejects.toThrow(`Expected a body in ${coding}, got damaged`)
    }
    expect(await decodeBody(Buffer.alloc(0), [coding], 10)).toHaveLength(0)
  })

  test('in several codings is decoded from the last to the first', async () => {
    const twice = brotliCompressSync(gzipSync(small))
    expect(Buffer.from(await decodeBody(twice, ['gzip', 'br'], 1000)).toString()).toBe(small.toString())
    await expect(decodeBody(twice, ['br', 'gzip'], 1000)).rejects.toThrow('Expected a body in gzip')
  })

  test('is decoded from no other coding than its own', async () => {
    const gzip = gzipSync(small)
    for (const coding of ['deflate', 'br'])
      await expect(decodeBody(gzip, [coding], 1000)).rejects.toThrow(`Expected a body in ${coding}, got damaged`)
    await expect(decodeBody(deflateSync(small), ['gzip'], 1000)).rejects.toThrow('Expected a body in gzip, got damaged')
  })

  test('expands to at most 250 times what was sent, once it is large', async () => {
    expect(maxDecodedSize(1, 1000)).toBe(1000)
    expect(maxDecodedSize(1, Infinity)).toBe(16 * MEBIBYTE)
    expect(maxDecodedSize(MEBIBYTE, Infinity)).toBe(250 * MEBIBYTE)
    expect(maxDecodedSize(1024 * MEBIBYTE, Infinity)).toBe(2 ** 31 - 1)
    const bomb = gzipSync(Buffer.alloc(16 * MEBIBYTE + 1))
    await expect(decodeBody(bomb, ['gzip'], Infinity)).rejects.toThrow('or than 250 times what was sent')
  })
})

test('an error of zlib becomes one of the body, and any other is unchanged', () => {
  const coded = (code: string) => decodingFailure(Object.assign(new Error('words'), { code }), 'br')
  for (const code of ['Z_DATA_ERROR', 'ERR__ERROR_FORMAT_PADDING_1', 'ZSTD_error_prefix_unknown']) {
    expect(coded(code)).toBeInstanceOf(ContentDecodingError)
  }
  expect(coded('Z_BUF_ERROR')).toMatchObject({
    message: 'Expected a body in br, got damaged or incomplete data: words',
    cause: { code: 'Z_BUF_ERROR' },
  })
  expect(coded('ERR_BUFFER_TOO_LARGE')).toBeInstanceOf(ResponseTooLarge)
  for (const error of [new GreenletExit(), new Error('another'), Object.assign(new Error(), { code: 'X_Z_DATA' })]) {
    expect(decodingFailure(error, 'br')).toBe(error)
  }
})

test.each([
  [[0x78, 0x9c], true],
  [[0x78, 0x01], true],
  [[0x78, 0xda], true],
  [[0x68, 0x81], true],
  [[0x78, 0x9d], false],
  [[0x79, 0x9c], false],
  [[0x77, 0x85], false],
  [[0x78], false],
  [[], false],
])('the zlib header is recognized: %j %s', (bytes, expected) => {
  expect(hasZlibHeader(Uint8Array.from(bytes))).toBe(expected)
})
