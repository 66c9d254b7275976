import { expect, test } from 'vitest'
import { ByteQueue } from '../../src/stream/byte-queue.ts'

function filled(...pieces: readonly string[]): ByteQueue {
  const queue = new ByteQueue()
  for (const piece of pieces) queue.push(Buffer.from(piece))
  return queue
}

test('take returns bytes of the first chunk without copying', () => {
  const chunk = Buffer.from('abcdef')
  const queue = new ByteQueue()
  queue.push(chunk)
  const first = queue.take(2)
  expect(String(first)).toBe('ab')
  expect(first.buffer).toBe(chunk.buffer)
  queue.push(Buffer.from('gh'))
  expect(String(queue.take(100))).toBe('cdef')
  expect(String(queue.take(100))).toBe('gh')
  expect(queue.take(1).length).toBe(0)
  expect(queue.length).toBe(0)
})

test('takeJoined copies only when it has to join chunks', () => {
  const queue = filled('ab', 'cd', 'ef')
  expect(String(queue.takeJoined(3))).toBe('abc')
  expect(String(queue.takeJoined(1))).toBe('d')
  expect(String(queue.takeJoined(10))).toBe('ef')
  expect(queue.takeJoined(10).length).toBe(0)
  const target = Buffer.alloc(3)
  expect(filled('ab', 'cd').takeInto(target)).toBe(3)
  expect(String(target)).toBe('abc')
  expect(filled('ab').takeInto(target)).toBe(2)
})

test('takeAvailable joins small chunks, but copies no large one', () => {
  const queue = filled('ab', 'cd', 'ef')
  expect(String(queue.takeAvailable(1))).toBe('a')
  expect(String(queue.takeAvailable(4))).toBe('bcde')
  expect(String(queue.takeAvailable(10))).toBe('f')
  expect(queue.takeAvailable(10).length).toBe(0)
  const large = Buffer.alloc(65536)
  queue.push(large)
  queue.push(large)
  expect(queue.takeAvailable(1e6).buffer).toBe(large.buffer)
  queue.unshift(Buffer.from('x'))
  const size = queue.takeAvailable(1e6).length
  expect(size).toBeGreaterThan(1)
  expect(size).toBeLessThan(65536)
  expect(queue.takeAvailable(1e6).length).toBe(1 + 65536 - size)
})

test('bytes can be put back at the front, and peeked at', () => {
  const queue = filled('cd')
  queue.unshift(Buffer.from('ab'))
  expect(String(queue.peek(3))).toBe('abc')
  expect(String(queue.take(1))).toBe('a')
  queue.take(10)
  queue.unshift(Buffer.from('x'))
  expect(String(queue.takeJoined(10))).toBe('xcd')
  queue.unshift(Buffer.alloc(0))
  expect(queue.length).toBe(0)
})

test('chunks that are put back keep their order, however many were taken', () => {
  for (const taken of [0, 1, 2, 3]) {
    const queue = filled('a', 'b', 'c', 'd')
    const front: Buffer[] = []
    for (let count = 0; count < taken; count += 1) front.push(queue.take(1))
    for (const piece of front.reverse()) queue.unshift(piece)
    queue.unshift(Buffer.from('<'))
    queue.push(Buffer.from('>'))
    expect(queue.length).toBe(6)
    expect(String(queue.takeJoined(6))).toBe('<abcd>')
  }
})

test('indexOf finds a byte across chunks, starting at an offset', () => {
  const queue = filled('ab\n', 'c', 'd\n')
  expect(queue.indexOf(10, 0)).toBe(2)
  expect(queue.indexOf(10, 3)).toBe(5)
  expect(queue.indexOf(10, 6)).toBe(-1)
  queue.take(3)
  queue.take(1)
  queue.take(2)
  expect(queue.indexOf(10, 0)).toBe(-1)
  expect(queue.length).toBe(0)
})

test('a queue that never runs empty stays in order and does not grow', () => {
  const queue = filled('0')
  for (let index = 1; index < 5_000; index += 1) {
    queue.push(Buffer.from(`${index % 10}`))
    expect(String(queue.take(1))).toBe(`${(index - 1) % 10}`)
  }
  expect(queue.length).toBe(1)
  expect((queue as unknown as { tail: unknown[] | null }).tail?.length ?? 0).toBeLessThan(1_000)
})

test('resuming a search does not look at earlier chunks again', () => {
  const queue = new ByteQueue()
  const piece = Buffer.from('x')
  for (let count = 0; count < 100_000; count += 1) {
    queue.push(piece)
    expect(queue.indexOf(10, count)).toBe(-1)
  }
  queue.push(Buffer.from('\n'))
  expect(queue.indexOf(10, 100_000)).toBe(100_000)
})
