import { expect, test } from 'vitest'
import { HeldBytes } from '../../src/subprocess/held-bytes.ts'

const held = (...chunks: string[]) => {
  const bytes = new HeldBytes()
  for (const chunk of chunks) bytes.push(Buffer.from(chunk))
  return bytes
}

test('bytes come out as they came in, however they are cut', () => {
  const bytes = held('ab', '', 'cde', 'f')
  expect(bytes.length).toBe(6)
  expect(bytes.take(3).toString()).toBe('abc')
  bytes.push(Buffer.from('gh'))
  expect([bytes.all().toString(), bytes.length]).toEqual(['defgh', 5])
  expect(bytes.take(0).toString()).toBe('')
  expect(bytes.take(5).toString()).toBe('defgh')
  expect([bytes.all().toString(), bytes.length]).toEqual(['', 0])
})

test('a line may end only in what has a line end, looked for in what is new', () => {
  const bytes = held('a', 'b')
  expect([bytes.mayEndLine(true), bytes.mayEndLine(false)]).toEqual([false, false])
  bytes.push(Buffer.from('c\r'))
  expect(bytes.mayEndLine(true)).toBe(true)
  expect(bytes.mayEndLine(false)).toBe(false)
  bytes.push(Buffer.from('\nd\ne'))
  expect(bytes.mayEndLine(false)).toBe(true)
  expect(bytes.take(5).toString()).toBe('abc\r\n')
  expect(bytes.mayEndLine(false)).toBe(true)
  expect(bytes.take(2).toString()).toBe('d\n')
  expect(bytes.mayEndLine(true)).toBe(false)
})
