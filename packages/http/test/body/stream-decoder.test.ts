import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { run } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { StreamDecoder } from '../../src/body/stream-decoder.ts'

const TEXT = Array.from({ length: 200 }, (_, number) => `${number * number} ${'hello world '.repeat(100)}`).join('')

function decode(coding: string, bytes: Uint8Array, size: number): Promise<string> {
  return run(function* () {
    const decoder = new StreamDecoder(coding)
    const pieces: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += size) {
      pieces.push(...(yield* decoder.push(bytes.subarray(at, at + size), 1_000_000)))
    }
    pieces.push(...(yield* decoder.end(1_000_000)))
    decoder.close()
    return Buffer.concat(pieces).toString()
  })
}

describe.each([
  ['gzip', gzipSync(TEXT)],
  ['deflate', deflateSync(TEXT)],
  ['deflate', deflateRawSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
])('%s, piece by piece', (coding, bytes) => {
  test.each([1, 3, 64, 1_000_000])('is decoded in pieces of %d bytes', async (size) => {
    expect(await decode(coding, bytes, size)).toBe(TEXT)
  })

  test.each(['\n', '\r\n<!-- 7 ms -->'])('ends where its data ends, with %j after it', async (junk) => {
    const followed = Buffer.concat([bytes, Buffer.from(junk)])
    for (const size of [1, 3, 64, bytes.length, 1_000_000]) expect(await decode(coding, followed, size)).toBe(TEXT)
  })

  test('fails if it is cut off', async () => {
    for (const length of [1, 2, bytes.length - 1]) {
      for (const size of [3, 1_000_000]) {
        await expect(decode(coding, bytes.subarray(0, length), size)).rejects.toThrow('damaged or incomplete')
      }
    }
  })

  test('fails if it is damaged', async () => {
    const damaged = Buffer.concat([bytes.subarray(0, coding === 'gzip' ? 10 : 2), Buffer.alloc(100, 0xff)])
    for (const size of [1, 20, 1_000_000])
      await expect(decode(coding, damaged, size)).rejects.toThrow('damaged or incomplete')
  })

  test('is returned for each input, and is limited for each piece separately', async () => {
    const counts = await run(function* () {
      const decoder = new StreamDecoder(coding)
      const lengths: number[] = []
      for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 4)) {
        const pieces = yield* decoder.push(bytes.subarray(at, at + Math.ceil(bytes.length / 4)), 200_000)
        lengths.push(Buffer.concat(pieces).length)
      }
      decoder.close()
      return lengths
    })
    expect(counts).toHaveLength(4)
    expect(counts.reduce((sum, count) => sum + count)).toBe(TEXT.length)
    expect(Math.max(...counts)).toBeLessThan(200_000)
  })

  test('fails if a piece exceeds its limit', async () => {
    const push = run(function* () {
      const decoder = new StreamDecoder(coding)
      try {
        return yield* decoder.push(bytes, TEXT.length - 1)
      } finally {
        decoder.close()
      }
    })
    await expect(push).rejects.toThrow('larger than `maxSize`')
  })

  test('may have a piece of exactly its limit', async () => {
    expect(
      await run(function* () {
        const decoder = new StreamDecoder(coding)
        const pieces = [...(yield* decoder.push(bytes, TEXT.length)), ...(yield* decoder.end(TEXT.length))]
        return Buffer.concat(pieces).length
      }),
    ).toBe(TEXT.length)
  })

  test('is empty if nothing was received', async () => {
    expect(await decode(coding, Buffer.alloc(0), 1)).toBe('')
  })
})
