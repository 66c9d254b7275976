import * as zlib from 'node:zlib'
import { run } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { ACCEPT_ENCODING, decodeBody, isDecodable } from '../../src/body/decode-body.ts'
import { StreamDecoder } from '../../src/body/stream-decoder.ts'
import { ZstdFrames } from '../../src/body/zstd-frames.ts'

/** Hand-made frames according to the standard: of one uncompressed block, or of one repeated byte. */
const plain = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, text.length]), block(0, text.length), Buffer.from(text)])
const repeated = (letter: string, times: number): Buffer =>
  Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), block(1, times), Buffer.from(letter)])
const skipped = (size: number): Buffer =>
  Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, size, 0, 0, 0]), Buffer.alloc(size, 0x28)])

function block(type: number, size: number, isLast = true): Buffer {
  const header = Buffer.alloc(3)
  header.writeUIntLE((isLast ? 1 : 0) | (type << 1) | (size << 3), 0, 3)
  return header
}

const ALL = Buffer.concat([skipped(7), plain('one '), skipped(0), repeated('x', 300), plain('two')])
const TEXT = `one ${'x'.repeat(300)}two`

describe('the frames of a zstd body', () => {
  const cut = (bytes: Uint8Array, size: number): Uint8Array[] => {
    const frames = new ZstdFrames()
    const stretches: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += size) stretches.push(...frames.split(bytes.subarray(at, at + size)))
    frames.end()
    return stretches
  }

  test('are split where they end, without skippable ones', () => {
    expect(cut(ALL, ALL.length)).toEqual([plain('one '), repeated('x', 300), plain('two')])
  })

  test.each([1, 2, 3, 5, 8, 13])('are the same in pieces of %i bytes', (size) => {
    const wanted = Buffer.concat([plain('one '), repeated('x', 300), plain('two')])
    const stretches = cut(Buffer.concat([ALL, Buffer.from('\n<!-- 7 ms -->')]), size)
    expect(Buffer.concat(stretches)).toEqual(wanted)
    for (const end of [plain('one ').length, plain('one ').length + repeated('x', 300).length])
      expect(ends(stretches)).toContain(end)
  })

  test('have any number of blocks, and a checksum after the last', () => {
    const blocks = [block(0, 3, false), Buffer.from('one'), block(1, 9, false), Buffer.from('x'), block(0, 0)]
    const checked = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58]), ...blocks, Buffer.alloc(4)])
    for (const size of [1, 2, 7, 1000]) {
      const stretches = cut(Buffer.concat([checked, plain('two')]), size)
      expect(Buffer.concat(stretches)).toEqual(Buffer.concat([checked, plain('two')]))
      expect(ends(stretches)).toContain(checked.length)
    }
    expect(() => cut(checked.subarray(0, -1), 1000)).toThrow('unexpected end of file')
  })

  const flags = [0x00, 0x01, 0x02, 0x03, 0x20, 0x23, 0x40, 0x60, 0x62, 0x80, 0xa0, 0xc0, 0xe1, 0x04, 0x67]
  test.each(flags)('have the header fields that their flags say: %i', (flag) => {
    const isSingle = (flag & 0x20) !== 0
    const sizeOfContent = [isSingle ? 1 : 0, 2, 4, 8][flag >> 6]!
    const fields = Buffer.alloc((isSingle ? 0 : 1) + [0, 1, 2, 4][flag & 3]! + sizeOfContent, 0xff)
    const data = Buffer.alloc(0x12345, 'x')
    const checksum = Buffer.alloc(flag & 4 ? 4 : 0)
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, flag])
    const frame = Buffer.concat([head, fields, block(0, data.length), data, checksum])
    expect(cut(Buffer.concat([frame, plain('two')]), 1_000_000).map(({ length }) => length)).toEqual([
      frame.length,
      plain('two').length,
    ])
  })

  test('may be followed by an empty or skippable one, or by junk', () => {
    const empty = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), block(0, 0)])
    expect(cut(empty, 1000)).toEqual([empty])
    for (const rest of [skipped(0), Buffer.from('junk'), Buffer.from('more junk')]) {
      for (const size of [1, 1000]) expect(Buffer.concat(cut(Buffer.concat([empty, rest]), size))).toEqual(empty)
    }
  })

  test.each([0x50, 0x5f])('are skippable by any of the magic numbers: %i', (sign) => {
    const passed = skipped(3)
    passed[0] = sign
    expect(cut(Buffer.concat([passed, plain('one')]), 1000)).toEqual([plain('one')])
  })

  test('with content may be many', () => {
    const many = Buffer.concat(Array.from({ length: 1100 }, () => repeated('x', 9)))
    const wide = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), block(0, 600), Buffer.alloc(600)])
    expect(cut(Buffer.concat(Array.from({ length: 1100 }, () => wide)), 100_000).length).toBeGreaterThan(1000)
    expect(() => cut(many, 1000)).toThrow('too many frames')
  })

  test('are rejected if invalid or cut off', () => {
    for (const text of ['no frame', 'no', '']) expect(() => cut(Buffer.from(text), 3)).toThrow(/unknown|unexpected end/)
    const both = Buffer.concat([plain('a'), plain('b')])
    for (let length = 1; length < both.length; length += 1) {
      // Fewer than four bytes of the next frame cannot be distinguished from junk.
      const isWhole = length >= plain('a').length && length < plain('a').length + 4
      if (isWhole) expect(cut(both.subarray(0, length), 2)).not.toEqual([])
      else expect(() => cut(both.subarray(0, length), 2)).toThrow('unexpected end of file')
    }
  })

  test('that are empty and countless do not keep the processor busy', () => {
    const many = Buffer.concat(Array.from({ length: 2000 }, () => plain('')))
    expect(() => new ZstdFrames().split(many)).toThrow('too many frames')
  })
})

function ends(stretches: readonly Uint8Array[]): number[] {
  let at = 0
  return stretches.map(({ length }) => (at += length))
}

function decodes(): void {
  test('of several frames is decoded as a whole', async () => {
    expect(Buffer.from(await decodeBody(ALL, ['zstd'], 10_000)).toString()).toBe(TEXT)
    await expect(decodeBody(ALL, ['zstd'], 'one '.length + 300)).rejects.toThrow('larger than')
    await expect(decodeBody(ALL, ['zstd'], TEXT.length - 1)).rejects.toThrow('larger than')
    await expect(decodeBody(ALL.subarray(0, -1), ['zstd'], 10_000)).rejects.toThrow('damaged or incomplete')
  })

  test('of two frames is limited in total size', async () => {
    const two = Buffer.concat([plain('one '), plain('x')])
    expect(Buffer.from(await decodeBody(two, ['zstd'], 5)).toString()).toBe('one x')
    await expect(decodeBody(two, ['zstd'], 4)).rejects.toThrow('larger than')
  })

  test.each([1, 3, 10, 1000])('of several frames is decoded as it streams, in pieces of %i bytes', async (size) => {
    const decode = (bytes: Uint8Array) =>
      run(function* () {
        const decoder = new StreamDecoder('zstd')
        const pieces: Uint8Array[] = []
        for (let at = 0; at < bytes.length; at += size)
          pieces.push(...(yield* decoder.push(bytes.subarray(at, at + size), 10_000)))
        pieces.push(...(yield* decoder.end(10_000)))
        decoder.close()
        return Buffer.concat(pieces).toString()
      })
    expect(await decode(Buffer.concat([ALL, Buffer.from('\n')]))).toBe(TEXT)
    expect(await decode(Buffer.concat([skipped(7), skipped(0)]))).toBe('')
    expect(await decode(Buffer.alloc(0))).toBe('')
    await expect(decode(skipped(7).subarray(0, 7))).rejects.toThrow('damaged or incomplete')
    await expect(decode(ALL.subarray(0, -1))).rejects.toThrow('damaged or incomplete')
  })
}

/** Node 20 has no zstd: Accept-Encoding must not request it. */
function passes(): void {
  test('is neither requested nor decoded', () => {
    expect(ACCEPT_ENCODING).toBe('gzip, deflate, br')
    expect(isDecodable(['zstd'])).toBe(false)
  })
}

describe('a body of zstd', 'createZstdDecompress' in zlib ? decodes : passes)
