import { expect, test } from 'vitest'
import { KeyError } from '../../src/errors/key-error.ts'
import { HostDict, HostList, HostNamespace } from '../../src/manager/host-types.ts'

test.each(['1', NaN, 0.5, undefined])("a manager's list refuses to insert at %j", (index) => {
  const list = new HostList(['a'])
  expect(() => list.insert(index as never, 'b')).toThrow(/^Expected `index` to be a whole number/)
  expect(list.copy()).toEqual(['a'])
})

test("a manager's list takes indexes from both ends, and refuses those out of range", () => {
  const list = new HostList(['a', 'b', 'c'])
  expect([0, 2, -1, -3].map((index) => list.get(index))).toEqual(['a', 'c', 'c', 'a'])
  list.set(-2, 'B')
  list.delete(-3)
  expect(list.copy()).toEqual(['B', 'c'])
  expect([list.pop(0), list.pop(), list.len()]).toEqual(['B', 'c', 0])
  list.append('d')
  for (const index of [1, -2, 0.5, NaN]) {
    for (const use of [
      () => list.get(index),
      () => list.set(index, 1),
      () => list.delete(index),
      () => list.pop(index),
    ])
      expect(use).toThrow(RangeError)
  }
  expect(() => list.get(1)).toThrow('Expected an index below 1, got 1')
  expect(list.copy()).toEqual(['d'])
})

test("a manager's list finds items by deep equality", () => {
  const list = new HostList([{ a: [1] }, 2, { a: [1] }])
  expect([list.has({ a: [1] }), list.has({ a: [2] }), list.index({ a: [1] }), list.index(2)]).toEqual([
    true,
    false,
    0,
    1,
  ])
  expect([1, -1, -9].map((start) => list.index({ a: [1] }, start))).toEqual([2, 2, 0])
  expect(list.index(2, -2, -1)).toBe(1)
  expect(() => list.index(2, 0, 1)).toThrow(RangeError)
  expect(() => list.index(2, 0.5)).toThrow('Expected `start` to be a whole number, got 0.5')
  expect([list.count({ a: [1] }), list.count('2')]).toEqual([2, 0])
  list.remove({ a: [1] })
  expect(list.copy()).toEqual([2, { a: [1] }])
  expect(() => list.remove(3)).toThrow('Expected the list to have the item')
  expect(() => list.index(3)).toThrow(RangeError)
  expect(() => list.get('0' as never)).toThrow('Expected an index to be a whole number, got "0"')
})

test("a manager's list is changed as a whole, and copied in parts", () => {
  const list = new HostList()
  list.extend([3, 1])
  list.insert(1, 2)
  list.insert(-9, 0)
  list.insert(9, 1)
  expect(list.copy()).toEqual([0, 3, 2, 1, 1])
  list.sort()
  expect(list.copy()).toEqual([0, 1, 1, 2, 3])
  list.reverse()
  expect([list.slice(1, 3), list.slice(-1), list.slice()]).toEqual([[2, 1], [0], [3, 2, 1, 1, 0]])
  expect(list.concat([9])).toEqual([3, 2, 1, 1, 0, 9])
  expect([new HostList(['x']).repeat(2), list.repeat(0), list.repeat(-1)]).toEqual([['x', 'x'], [], []])
  list.clear()
  expect(list.len()).toBe(0)
})

test("a manager's dict keeps its keys in insertion order", () => {
  const dict = new HostDict({ a: 1, b: undefined })
  expect([dict.get('a'), dict.get('b', 2), dict.get('c', 3), dict.get('c'), dict.has('b'), dict.has('c')]).toEqual([
    1,
    undefined,
    3,
    undefined,
    true,
    false,
  ])
  expect([dict.setdefault('a', 5), dict.setdefault('c', 6), dict.getitem('c')]).toEqual([1, 6, 6])
  expect([dict.setdefault('b', 7), dict.get('b')]).toEqual([undefined, undefined])
  expect([new HostDict([['a', 1]]).pop('a', 2), dict.pop('x', undefined)]).toEqual([1, undefined])
  dict.update(new Map([['d', 4]]))
  dict.update({ a: 0 })
  dict.update([['e', 5]])
  dict.set('b', 2)
  expect([dict.keys(), dict.values(), dict.len()]).toEqual([['a', 'b', 'c', 'd', 'e'], [0, 2, 6, 4, 5], 5])
  expect([dict.pop('c'), dict.pop('c', 7), dict.popitem(), dict.delete('d'), dict.delete('d')]).toEqual([
    6,
    7,
    ['e', 5],
    true,
    false,
  ])
  expect(dict.items()).toEqual([
    ['a', 0],
    ['b', 2],
  ])
  expect(dict.copy()).toEqual(new Map(Object.entries({ a: 0, b: 2 })))
  expect(() => dict.pop('c')).toThrow('Expected the dict to have the key c')
  expect(() => dict.getitem('c')).toThrow(KeyError)
  dict.clear()
  expect(() => dict.popitem()).toThrow('Expected the dict not to be empty')
})

test("a manager's namespace has the names that it was given", () => {
  const names = new HostNamespace({ a: undefined })
  expect(names.get('a')).toBe(undefined)
  names.set('b', 2)
  names.delete('a')
  expect(names.copy()).toEqual({ b: 2 })
  expect(() => names.get('a')).toThrow('Expected the namespace to have the name a')
  expect(() => names.delete('a')).toThrow(ReferenceError)
})
