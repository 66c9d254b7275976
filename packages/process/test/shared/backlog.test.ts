import { expect, test } from 'vitest'
import { Backlog } from '../../src/shared/backlog.ts'

/** Removes and returns all items. */
function all(backlog: Backlog<number>): number[] {
  return Array.from({ length: backlog.size }, () => backlog.shift())
}

function backlogOf(count: number): Backlog<number> {
  const backlog = new Backlog<number>()
  for (let item = 1; item <= count; item += 1) backlog.push(item)
  return backlog
}

test('returns items in order, however many', () => {
  const backlog = backlogOf(1000)
  expect(Array.from({ length: 500 }, () => backlog.shift())[499]).toBe(500)
  backlog.push(1001)
  backlog.unshift(500)
  expect(all(backlog)).toEqual(Array.from({ length: 502 }, (_, index) => index + 500))
})

test.each([
  ['order', [1, 2, 3]],
  ['reverse', [3, 2, 1]],
  ['any order', [2, 3, 1]],
])('items that a process gives back in %s keep the order in which it received them', (_, order) => {
  for (const taken of [3, 5]) {
    const backlog = backlogOf(5)
    for (let item = 0; item < taken; item += 1) backlog.shift()
    for (const item of order) backlog.giveBack(item, '0.1', item * 10, 99)
    expect(all(backlog)).toEqual([1, 2, 3, 4, 5].filter((item) => item <= 3 || item > taken))
  }
})

test('an item that another process gives back goes in front', () => {
  const backlog = backlogOf(4)
  for (let item = 1; item <= 3; item += 1) backlog.shift()
  backlog.giveBack(2, '0.1', 20, 99)
  backlog.giveBack(1, '0.2', 30, 99)
  backlog.giveBack(3, '0.1', 30, 99)
  expect(all(backlog)).toEqual([1, 2, 3, 4])
  backlog.giveBack(1, '0.1', 10, 99)
  backlog.clear()
  expect(backlog.size).toBe(0)
  backlog.push(5)
  backlog.giveBack(4, '0.1', 20, 99)
  expect(all(backlog)).toEqual([4, 5])
})

test('an item put back by `unshift` keeps its position among those that a process gives back', () => {
  const backlog = backlogOf(5)
  for (let item = 1; item <= 3; item += 1) backlog.shift()
  backlog.giveBack(1, '0.1', 10, 99)
  backlog.unshift(backlog.shift())
  backlog.giveBack(2, '0.1', 20, 99)
  expect([backlog.shift(), backlog.shift()]).toEqual([1, 2])
  backlog.giveBack(3, '0.1', 30, 99)
  expect(all(backlog)).toEqual([3, 4, 5])
})

test('an item that was taken again goes in front of those that came back before that', () => {
  const backlog = backlogOf(4)
  for (let item = 1; item <= 3; item += 1) backlog.shift()
  for (const item of [1, 2]) backlog.giveBack(item, '0.1', item * 10, 30)
  expect(backlog.shift()).toBe(1)
  backlog.giveBack(1, '0.1', 40, 40)
  backlog.giveBack(3, '0.1', 30, 40)
  expect(all(backlog)).toEqual([1, 2, 3, 4])
})

test('an item that was given back and taken again no longer affects the order of others', () => {
  const backlog = backlogOf(3)
  for (const item of [backlog.shift(), backlog.shift()]) if (item === 1) backlog.giveBack(1, '0.1', 10, 99)
  expect(backlog.shift()).toBe(1)
  backlog.giveBack(2, '0.1', 20, 99)
  expect(all(backlog)).toEqual([2, 3])
})
