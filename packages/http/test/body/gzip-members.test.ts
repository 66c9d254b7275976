import { gzipSync } from 'node:zlib'
import { attempt, run, sleep, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { decodeBody } from '../../src/body/decode-body.ts'
import { areTooMany, gzipMembers } from '../../src/body/gzip-members.ts'

const one = gzipSync('one ')
const two = gzipSync('two')
const decode = async (bytes: Uint8Array) => Buffer.from(await decodeBody(bytes, ['gzip'], 1000)).toString()

test.each([
  ['\n', 'a line end'],
  ['\r\n<!-- 12 ms -->', 'text'],
  ['\0\0\0\0', 'padding'],
  ['\0\0x', 'padding and text'],
  ['\x1f\x8c', 'what begins like a member'],
  ['\x1e\x8b', 'what goes on like a member'],
])('anything after the gzip data, such as %j, is ignored', async (junk) => {
  const bytes = Buffer.from(junk, 'latin1')
  expect(await decode(Buffer.concat([one, bytes]))).toBe('one ')
  expect(await decode(Buffer.concat([one, two, bytes]))).toBe('one two')
})

test('cut off or damaged data is still an error', async () => {
  const both = Buffer.concat([one, two])
  for (let length = 1; length < both.length; length += 1) {
    if (length === one.length) continue
    // A single byte of the next member cannot be distinguished from junk.
    if (length === one.length + 1) continue
    await expect(decode(both.subarray(0, length))).rejects.toThrow('Expected a body in gzip')
  }
  const damaged = Buffer.concat([one, Buffer.from('\n')])
  damaged[one.length - 6]! ^= 1
  await expect(decode(damaged)).rejects.toThrow('Expected a body in gzip')
  const anotherSize = Buffer.concat([one, Buffer.from('\n')])
  anotherSize[one.length - 4]! ^= 1
  await expect(decode(anotherSize)).rejects.toThrow('Expected a body in gzip')
  await expect(decode(Buffer.from('no gzip\n'))).rejects.toThrow('Expected a body in gzip')
  for (const [at, message] of [
    [2, 'unknown compression method'],
    [3, 'unknown header flags set'],
  ] as const) {
    const wrongHeader = Buffer.from(one)
    wrongHeader[at] = 0x80
    await expect(decode(wrongHeader)).rejects.toThrow(message)
  }
})

test('members may have names, comments and more in their headers', async () => {
  const rest = one.subarray(10)
  const head = [0x1f, 0x8b, 8, 4 | 8 | 16 | 2, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3]
  const full = Buffer.concat([Buffer.from(head), Buffer.from('name\0comment\0'), Buffer.from([0, 0]), rest])
  const members = await spawn(() => gzipMembers(Buffer.concat([full, Buffer.from('junk')]), 1000))
  expect(Buffer.from(members!).toString()).toBe('one ')
})

test.each([
  ['more', 4, Buffer.from([44, 1, ...Buffer.alloc(300)])],
  ['a name', 8, Buffer.from('name\0')],
  ['a comment', 16, Buffer.from('comment\0')],
  ['a checksum', 2, Buffer.from([0, 0])],
  ['the mark of text', 1, Buffer.alloc(0)],
])('the header of a member may have %s alone', async (_, flag, field) => {
  const head = Buffer.from([0x1f, 0x8b, 8, flag, 0, 0, 0, 0, 0, 3])
  const full = Buffer.concat([head, field, one.subarray(10), Buffer.from('junk')])
  expect(await decode(full)).toBe('one ')
})

test('members are limited in total size', async () => {
  const member = gzipSync(Buffer.alloc(500))
  const inAll = (rest: Buffer) => spawn(() => gzipMembers(Buffer.concat([member, member, rest]), 1000))
  expect(await inAll(Buffer.from('junk'))).toHaveLength(1000)
  expect(await inAll(gzipSync('x'))).toBeUndefined()
  expect(await inAll(member)).toBeUndefined()
})

test('junk does not let a body exceed its limit', async () => {
  const large = Buffer.concat([gzipSync(Buffer.alloc(2000)), Buffer.from('\n')])
  await expect(decodeBody(large, ['gzip'], 1000)).rejects.toThrow(/Expected a body in gzip|larger than 1000 bytes/)
})

test('countless empty members do not keep the processor busy', async () => {
  const tiny = gzipSync('')
  const many = Buffer.concat([...Array.from({ length: 100_000 }, () => tiny), Buffer.from('junk')])
  await expect(decode(many)).rejects.toThrow('Expected a body in gzip')
})

test.each([
  [1000, 0, false],
  [1001, 1001 * 512 - 1, true],
  [1001, 1001 * 512, false],
])('%d members in %d bytes are too many: %s', (members, bytes, expected) => {
  expect(areTooMany(members, bytes)).toBe(expected)
})

test('an error of one’s own that a kill throws into the work is thrown, and is no fault of the data', async () => {
  const error = new RangeError('enough')
  const outcome = await run(function* () {
    const decoding = spawn(() => attempt(gzipMembers(one, 1000)))
    yield* sleep(0)
    yield* decoding.kill(error)
    return yield* decoding
  })
  expect(outcome).toEqual({ ok: false, error })
})
