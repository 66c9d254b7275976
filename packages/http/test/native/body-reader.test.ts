import { describe, expect, test } from 'vitest'
import { MeasuredReader } from '../../src/native/body-reader.ts'

function read(reader: MeasuredReader, ...pieces: readonly string[]): readonly [body: string, ends: number[]] {
  let body = ''
  const target = { push: (bytes: Uint8Array) => (body += Buffer.from(bytes).toString('latin1')) }
  const ends = pieces.map((piece) => reader.read(Buffer.from(piece), 1, target))
  return [body, ends]
}

describe('a body of a declared length', () => {
  test('ends there, and leaves the following bytes', () => {
    const reader = new MeasuredReader(5)
    expect(read(reader, '-abc')).toEqual(['abc', [4]])
    expect([reader.isDone, reader.mayEnd]).toEqual([false, false])
    expect(read(reader, '-defg')).toEqual(['de', [3]])
    expect(reader.isDone).toBe(true)
  })

  test('may be empty', () => {
    expect(new MeasuredReader(0).isDone).toBe(true)
  })

  test('is not copied', () => {
    const chunk = Buffer.from('abc')
    new MeasuredReader(3).read(chunk, 0, { push: (bytes) => expect(bytes).toBe(chunk) })
  })
})

test('a body without a length lasts as long as its connection', () => {
  const reader = new MeasuredReader(Infinity)
  expect(read(reader, '-abc', '-def')).toEqual(['abcdef', [4, 4]])
  expect([reader.isDone, reader.mayEnd]).toEqual([false, true])
})
