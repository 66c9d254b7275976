import { expect, test } from 'vitest'
import { TaskQueue } from '../../src/pool/task-queue.ts'

test('tasks are removed in order, or from anywhere in the queue', () => {
  const queue = new TaskQueue<string>()
  for (const task of ['a', 'b', 'c', 'd']) queue.push(task)
  expect(queue.delete('b')).toBe(true)
  expect(queue.delete('b')).toBe(false)
  expect(queue.shift()).toBe('a')
  queue.unshift('a')
  expect(queue.size).toBe(3)
  expect([queue.shift(), queue.shift(), queue.shift(), queue.shift()]).toEqual(['a', 'c', 'd', undefined])
  queue.unshift('e')
  queue.push('f')
  expect(queue.clear()).toEqual(['e', 'f'])
  expect([queue.size, queue.shift(), queue.delete('e')]).toEqual([0, undefined, false])
})

test('a queue keeps its size and order through any mix of operations', () => {
  const queue = new TaskQueue<number>()
  let expected: number[] = []
  let random = 7
  for (let task = 0; task < 5000; task += 1) {
    random = (random * 1103515245 + 12345) % 2147483648
    const kind = random % 5
    if (kind < 2 || expected.length === 0) {
      queue.push(task)
      expected.push(task)
    } else if (kind === 2) {
      expect(queue.shift()).toBe(expected.shift())
    } else if (kind === 3) {
      queue.unshift(task)
      expected.unshift(task)
    } else {
      const gone = expected[random % expected.length]!
      expect(queue.delete(gone)).toBe(true)
      expected = expected.filter((one) => one !== gone)
    }
    expect(queue.size).toBe(expected.length)
  }
  expect(queue.clear()).toEqual(expected)
})
