import { expect, test } from 'vitest'
import { QueueState } from '../../src/queue/queue-state.ts'
import type { Asker } from '../../src/tree/owned-object.ts'

/** A queue's state and its askers. `told` returns the replies since its last call, in order; a payload is shown as its text. */
function items(maxsize: number) {
  const heard: string[] = []
  const state = new QueueState(maxsize)
  const ask = (name: string, method: string, args: unknown[] = [], text: string | null = '', takes = true): Asker => {
    const asker: Asker = {
      node: name[0]!,
      answer: (value, payload) => {
        heard.push(`${name}: ${payload?.text ?? value}`)
        return takes
      },
      fail: () => false,
    }
    state.ask(asker, method, args, (method === 'put' || method === 'fill') && text !== null ? { text } : undefined)
    return asker
  }
  return { state, ask, told: () => heard.splice(0) }
}

test('items go in order to the getters that have waited longest and not left, and watchers see them', () => {
  const { state, ask, told } = items(Infinity)
  const left = [ask('left', 'get'), ask('left', 'untilReady')]
  ask('a', 'get')
  ask('b', 'get', [true])
  ask('c', 'untilReady')
  ask('d', 'get', [false])
  for (const asker of left) state.leave(asker)
  for (const text of ['one', 'two', 'three']) ask('p', 'put', [], text)
  expect(told()).toEqual(['d: 0', 'p: 1', 'a: one', 'p: 1', 'b: two', 'p: 1', 'c: 1'])
  ask('e', 'untilReady')
  for (const method of ['size', 'full', 'get', 'size', 'get']) ask('f', method, [false])
  expect(told()).toEqual(['e: 1', 'f: 1', 'f: false', 'f: three', 'f: 0', 'f: 0'])
  ask('p', 'put', [], 'four')
  expect(told()).toEqual(['p: 1'])
})

test('putters wait for room in order, or are told that the queue is full', () => {
  const { state, ask, told } = items(2)
  for (const text of ['one', 'two']) ask('p', 'put', [true], text)
  ask('q', 'put', [false], 'no room')
  const left = ask('left', 'put', [true], 'left')
  ask('killed', 'put', [true], 'killed', false)
  ask('r', 'put', [true], 'three')
  ask('s', 'put', [], 'four')
  state.leave(left)
  ask('a', 'full')
  expect(told()).toEqual(['p: 1', 'p: 1', 'q: 0', 'a: true'])
  ask('a', 'get')
  expect(told()).toEqual(['a: one', 'killed: 1', 'r: 1'])
  for (let count = 0; count < 3; count += 1) ask('a', 'get', [false])
  expect(told()).toEqual(['a: two', 's: 1', 'a: three', 'a: four'])
})

test('an item that is refused, or comes back, is first again', () => {
  const { state, ask, told } = items(2)
  ask('killed', 'get', [], '', false)
  ask('a', 'get')
  ask('p', 'put', [], 'one')
  ask('p', 'put', [], 'two')
  expect(told()).toEqual(['p: 1', 'killed: one', 'a: one', 'p: 1'])
  for (const [method, value, text] of [
    ['put', 1, 'no item'],
    ['get', 0, 'nothing'],
    ['get', 1, undefined],
    ['get', 1, 'one'],
  ] as const)
    state.undo('a', method, value, text === undefined ? undefined : { text }, 1)
  ask('b', 'put', [false], 'no room')
  ask('b', 'get')
  ask('b', 'get')
  ask('c', 'get')
  expect(told()).toEqual(['b: 0', 'b: one', 'b: two'])
  state.undo('b', 'get', 1, { text: 'two' }, 2)
  expect(told()).toEqual(['c: two'])
})

test('join is answered once all items are processed, and immediately after that', () => {
  const { state, ask, told } = items(1)
  ask('a', 'join')
  expect(told()).toEqual(['a: true'])
  expect(() => ask('a', 'taskDone')).toThrow('called too many times')
  ask('p', 'put', [], 'one')
  ask('q', 'put', [], 'two')
  ask('a', 'get')
  ask('a', 'get')
  told()
  const left = ask('left', 'join')
  ask('b', 'join')
  ask('c', 'join')
  state.leave(left)
  ask('a', 'taskDone')
  expect(told()).toEqual(['a: undefined'])
  ask('a', 'taskDone')
  expect(told()).toEqual(['a: undefined', 'b: true', 'c: true'])
  ask('d', 'join')
  ask('p', 'put', [], 'three')
  ask('a', 'taskDone')
  expect(told()).toEqual(['d: true', 'p: 1', 'a: undefined'])
})

test('room that was promised counts until the item comes, the call is given up, or the process is gone', () => {
  const { state, ask, told } = items(2)
  ask('a', 'put', [true], null)
  ask('b', 'put', [true], null)
  ask('c', 'put', [false], null)
  const putter = ask('d', 'put', [true], 'four')
  for (const method of ['full', 'size', 'get']) ask('e', method, [false])
  expect(told()).toEqual(['a: 2', 'b: 2', 'c: 0', 'e: true', 'e: 0', 'e: 0'])
  ask('f', 'get')
  ask('b', 'fill', [], 'two')
  expect(told()).toEqual(['b: undefined', 'f: two', 'd: 1'])
  state.leave(putter)
  ask('g', 'put', [true], null)
  state.undo('a', 'put', 2, undefined, 1)
  expect(told()).toEqual(['g: 2'])
  ask('h', 'put', [true], null)
  state.forget((node) => node === 'g')
  ask('h', 'fill', [], 'eight')
  ask('killed', 'put', [true], null, false)
  for (const method of ['get', 'get', 'size', 'full']) ask('e', method, [false])
  expect(told()).toEqual(['h: 2', 'h: undefined', 'e: four', 'killed: 2', 'e: eight', 'e: 0', 'e: false'])
})
