import { getHub } from '@greenlit/core'
import { expect, test } from 'vitest'
import { SemaphoreState } from '../../src/sync/semaphore-state.ts'
import { guardLeaks } from '../guard.ts'

guardLeaks()

/** The calls of processes on a shared state; `acquire` returns whether a permit was available. */
function stateOf(most: number) {
  const state = new SemaphoreState('lock', most, most)
  const ask = (node: string, method: string, ...args: unknown[]) => {
    let answered: unknown
    const answer = (value: unknown) => {
      answered = value
      return true
    }
    state.ask({ node, answer, fail: () => false }, method, args)
    return answered
  }
  return {
    acquire: (node: string) => ask(node, 'acquire', false),
    release: (node: string) => ask(node, 'release'),
    undo: (node: string) => state.undo(node, 'acquire', true),
  }
}

test('a lock has one holder, even if it comes back from a process for which another released it', () => {
  const { acquire, release, undo } = stateOf(1)
  expect(acquire('0.1')).toBe(true)
  release('0.2')
  expect(acquire('0.3')).toBe(true)
  undo('0.1')
  expect(acquire('0.4')).toBe(false)
  release('0.3')
  expect([acquire('0.4'), acquire('0.5')]).toEqual([true, false])
  undo('0.4')
  expect([acquire('0.5'), acquire('0.6')]).toEqual([true, false])
})

test('a bounded semaphore never exceeds its initial permits, even if one comes back that another process released', () => {
  const { acquire, release, undo } = stateOf(2)
  expect([acquire('0.1'), acquire('0.2')]).toEqual([true, true])
  release('0.3')
  release('0.3')
  undo('0.1')
  expect([acquire('0.4'), acquire('0.5'), acquire('0.6')]).toEqual([true, true, false])
  undo('0.4')
  expect([acquire('0.5'), acquire('0.6')]).toEqual([true, false])
})

/** A state and the askers of processes; `heard` records their replies, in order. */
function asked(kind: string, permits: number, most: number) {
  const state = new SemaphoreState(kind, permits, most)
  const heard: string[] = []
  const ask = (node: string, method: string, takes = true) => {
    const asker = {
      node,
      answer: (value?: unknown) => {
        heard.push(`${node} ${method} ${value}`)
        return takes
      },
      fail: () => false,
    }
    state.ask(asker, method, [])
    return asker
  }
  const lose = (node: string) => state.forget((one) => one === node)
  const told = () => heard.splice(0)
  return { state, ask, lose, told }
}

test('exactly the permits that a process holds come back when it is gone, once', () => {
  const reported: string[] = []
  getHub().exceptionStream = { write: (text) => reported.push(text) }
  const { ask, lose, told } = asked('semaphore', 4, 4)
  for (const node of ['a', 'a', 'b']) ask(node, 'acquire')
  ask('a', 'release')
  told()
  lose('a')
  lose('a')
  ask('c', 'value')
  expect(told()).toEqual(['c value 3'])
  lose('b')
  ask('c', 'value')
  expect(told()).toEqual(['c value 4'])
  expect(reported.join('').match(/is released/g)).toHaveLength(2)
})

test('a process that has released its permits, or gave up an acquire, holds nothing when it is gone', () => {
  const reported: string[] = []
  getHub().exceptionStream = { write: (text) => reported.push(text) }
  const { state, ask, lose, told } = asked('semaphore', 2, 2)
  for (const method of ['acquire', 'acquire', 'release', 'release', 'acquire']) ask('a', method)
  state.undo('a', 'acquire', true)
  ask('a', 'acquire', false)
  told()
  lose('a')
  ask('b', 'value')
  expect(told()).toEqual(['b value 2'])
  expect(reported).toEqual([])
})

test('permits go to the askers that have waited longest and not left, then watchers see those that are left', () => {
  const { state, ask, told } = asked('lock', 1, 1)
  ask('a', 'acquire')
  const left = [ask('left', 'acquire'), ask('left', 'untilReady')]
  for (const [node, method] of [
    ['b', 'acquire'],
    ['looks', 'untilReady'],
    ['c', 'acquire'],
    ['looks too', 'untilReady'],
  ] as const)
    ask(node, method)
  for (const asker of left) state.leave(asker)
  told()
  ask('a', 'release')
  expect(told()).toEqual(['b acquire true', 'a release 0'])
  ask('b', 'release')
  expect(told()).toEqual(['c acquire true', 'b release 0'])
  ask('c', 'release')
  expect(told()).toEqual(['looks untilReady true', 'looks too untilReady true', 'c release 1'])
  ask('d', 'acquire')
  ask('d', 'release')
  expect(told()).toEqual(['d acquire true', 'd release 1'])
})

test('a permit that the first waiter refuses goes to the next', () => {
  const { ask, lose, told } = asked('semaphore', 1, 1)
  ask('a', 'acquire')
  ask('killed', 'acquire', false)
  ask('b', 'acquire')
  told()
  ask('a', 'release')
  expect(told()).toEqual(['killed acquire true', 'b acquire true', 'a release 0'])
  lose('killed')
  ask('c', 'value')
  expect(told()).toEqual(['c value 0'])
})

test('only an acquired permit can come back', () => {
  const { state, ask, told } = asked('semaphore', 2, Infinity)
  ask('a', 'acquire')
  told()
  state.undo('a', 'acquire', false)
  state.undo('a', 'untilReady', true)
  state.undo('a', 'release', 1)
  ask('b', 'value')
  state.undo('a', 'acquire', true)
  ask('b', 'value')
  expect(told()).toEqual(['b value 1', 'b value 2'])
})
