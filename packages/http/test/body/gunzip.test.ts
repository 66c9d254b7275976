import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Gunzip } from '../../src/body/gunzip.ts'

const TEXT = 'one '.repeat(50_000)
const one = gzipSync(TEXT)
const two = gzipSync('two')
const named = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 4 | 8 | 16 | 2, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3]),
  Buffer.from('name\0comment\0'),
  Buffer.from([0, 0]),
  two.subarray(10),
])

async function gunzip(bytes: Uint8Array, size: number): Promise<string> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
  const decoded: Uint8Array[] = []
  for await (const piece of Readable.from(pieces).compose(new Gunzip())) decoded.push(piece as Uint8Array)
  return Buffer.concat(decoded).toString()
}

test.each([1, 2, 7, 100_000])('members may follow each other, in pieces of %d bytes', async (size) => {
  expect(await gunzip(Buffer.concat([one, two, named]), size)).toBe(`${TEXT}twotwo`)
})

test.each(['', '\n', '\r\n', 'junk\n', '\0\0\0', '\x1e\x8b', '\x1f\x8c', '<!-- made in 12 ms -->'])(
  'what follows them is passed over: %j',
  async (junk) => {
    const followed = Buffer.concat([two, Buffer.from(junk, 'latin1')])
    for (const size of [1, 3, 100_000]) expect(await gunzip(followed, size)).toBe('two')
  },
)

test('cut off or damaged data fails', async () => {
  const both = Buffer.concat([two, named])
  for (let length = 1; length < both.length; length += 1) {
    if (length === two.length || length === two.length + 1) continue
    await expect(gunzip(both.subarray(0, length), 5)).rejects.toThrow('unexpected end of file')
  }
  const damaged = Buffer.from(two)
  damaged[two.length - 6]! ^= 1
  await expect(gunzip(damaged, 5)).rejects.toThrow('incorrect data check')
  await expect(gunzip(Buffer.from('no gzip'), 5)).rejects.toThrow('incorrect header check')
  await expect(gunzip(Buffer.from([0x1f, 0x8b, 7]), 5)).rejects.toThrow('unknown compression method')
  await expect(gunzip(Buffer.from([0x1f, 0x8b, 8, 0x80]), 5)).rejects.toThrow('unknown header flags set')
  await expect(gunzip(Buffer.concat([one.subarray(0, 50), two]), 5)).rejects.toThrow()
  const endless = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]), Buffer.alloc(300_000, 65)])
  await expect(gunzip(endless, 10_000)).rejects.toThrow('header too long')
})

test('a header may be long, and arrive in pieces', async () => {
  const head = Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3])
  const name = Buffer.from(`${'n'.repeat(200_000)}\0`)
  expect(await gunzip(Buffer.concat([head, name, two.subarray(10)]), 10_000)).toBe('two')
})

test('data that is not gzip fails, however it begins', async () => {
  const header = one.subarray(0, 10)
  const noBlock = Buffer.alloc(20, 0xff)
  for (const bytes of [Buffer.concat([header, noBlock]), Buffer.concat([one, header, noBlock])])
    for (const size of [1, 10, 100_000]) await expect(gunzip(bytes, size)).rejects.toThrow('invalid block type')
})

test('members with content may be many', async () => {
  const member = gzipSync(randomBytes(600))
  const many = Buffer.concat(Array.from({ length: 1100 }, () => member))
  expect((await gunzip(many, 100_000)).length).toBeGreaterThan(0)
})

test('countless empty members do not keep the processor busy', async () => {
  const tiny = gzipSync('')
  const many = Buffer.concat(Array.from({ length: 100_000 }, () => tiny))
  await expect(gunzip(many.subarray(0, 500 * tiny.length), 3000)).resolves.toBe('')
  await expect(gunzip(many, 3000)).rejects.toThrow('too many members')
})
