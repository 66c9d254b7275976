import { expect, test } from 'vitest'
import { ReadBuffer } from '../../src/subprocess/read-buffer.ts'

const bufferOf = (...chunks: string[]) => {
  const buffer = new ReadBuffer()
  for (const chunk of chunks) buffer.push(Buffer.from(chunk))
  return buffer
}

test('bytes come out in order, however they were split', () => {
  const buffer = bufferOf('ab', '', 'cde', 'f')
  expect(buffer.length).toBe(6)
  expect(buffer.take(3).toString()).toBe('abc')
  buffer.push(Buffer.from('gh'))
  expect([buffer.all().toString(), buffer.length]).toEqual(['defgh', 5])
  expect(buffer.take(0).toString()).toBe('')
  expect(buffer.take(5).toString()).toBe('defgh')
  expect([buffer.all().toString(), buffer.length]).toEqual(['', 0])
})

test('only new chunks are searched for a line end', () => {
  const buffer = bufferOf('a', 'b')
  expect([buffer.mayEndLine(true), buffer.mayEndLine(false)]).toEqual([false, false])
  buffer.push(Buffer.from('c\r'))
  expect(buffer.mayEndLine(true)).toBe(true)
  expect(buffer.mayEndLine(false)).toBe(false)
  buffer.push(Buffer.from('\nd\ne'))
  expect(buffer.mayEndLine(false)).toBe(true)
  expect(buffer.take(5).toString()).toBe('abc\r\n')
  expect(buffer.mayEndLine(false)).toBe(true)
  expect(buffer.take(2).toString()).toBe('d\n')
  expect(buffer.mayEndLine(true)).toBe(false)
})
