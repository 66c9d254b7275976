import { getHub, sleep, spawn, Timeout, until } from '@greenlit/core'
import { Condition, Lock, Manager, ProcessDiedError, Queue } from '@greenlit/process'
import { describe, expect, test, vi } from 'vitest'
import { ConditionState } from '../../src/sync/condition.ts'
import { joined, starter } from '../children.ts'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()

describe('Condition', () => {
  test('can be used only with its lock held', () =>
    run(function* () {
      const condition = new Condition()
      expect(() => condition.notify()).toThrow('un-acquired lock')
      expect((yield* failure(condition.wait())).message).toContain('un-acquired lock')
      expect(() => new Condition({} as never)).toThrow('Expected `lock`')
    }))

  test.each([-1, 0.5, NaN, '2'])('notify rejects the count %j, which would wake all', (count) => {
    expect(() => new Condition().notify(count as never)).toThrow('Expected `count` to be a whole number from 0 up')
  })

  test('waits until a predicate holds, plain or blocking', () =>
    run(function* () {
      const condition = new Condition(new Lock())
      let ready = 0
      const waiter = spawn(function* () {
        const held = yield* condition.hold()
        const result = yield* condition.waitFor(() => ready)
        held.dispose()
        return result
      })
      yield* sleep(0)
      yield* condition.acquire()
      ready = 7
      condition.notify()
      condition.release()
      expect(yield* waiter).toBe(7)
      yield* condition.acquire()
      expect(() => condition.waitFor(5 as never)).toThrow('Expected `predicate` to be a function, got 5')
      expect(yield* condition.waitFor(() => false, { timeout: 10 })).toBe(false)
      const blocking = condition.waitFor(function* () {
        yield* sleep(0)
        return 'held'
      })
      expect(yield* blocking).toBe('held')
      condition.release()
    }))

  test('has no waiter after a wait that failed because the lock was not held', () =>
    run(function* () {
      const condition = new Condition(new Lock())
      expect(yield* failure(condition.wait())).toBeInstanceOf(RangeError)
      expect(yield* condition.notify()).toBe(0)
    }))

  test('waits for a predicate no longer than the Timeout passed to it', () =>
    run(function* () {
      const condition = new Condition()
      yield* condition.acquire()
      expect(yield* condition.waitFor(() => false, { timeout: new Timeout(10) })).toBe(false)
      condition.release()
    }))

  test('holds the lock again after a kill', () =>
    run(function* () {
      const condition = new Condition()
      let owned = false
      const waiter = spawn(function* () {
        yield* condition.acquire()
        yield* condition.acquire()
        try {
          yield* condition.wait()
        } finally {
          condition.release()
          condition.release()
          owned = true
        }
      })
      yield* sleep(5)
      yield* waiter.kill()
      expect(owned).toBe(true)
      expect(yield* condition.acquire({ block: false })).toBe(true)
    }))

  test.each(['process', 'thread'] as const)('wakes those who wait in a %s, one or all', (context) =>
    run(function* () {
      const start = starter(context)
      const [condition, results] = [new Condition(), new Queue<unknown>()]
      const children = [1, 2, 3].map(() => start('waitNotified', condition, results))
      for (const _ of children) expect(yield* results.get()).toBe('waits')
      const hold = () => condition.acquire()
      yield* hold()
      condition.notify()
      yield* condition.release()
      expect(yield* results.get()).toBe(true)
      yield* hold()
      condition.notifyAll()
      yield* condition.release()
      expect([yield* results.get(), yield* results.get()]).toEqual([true, true])
      yield* joined(...children, start('waitNotified', condition, results, 10))
      expect([yield* results.get(), yield* results.get()]).toEqual(['waits', false])
    }),
  )

  test('continues without a waiter that died', () =>
    run(function* () {
      const start = starter('process')
      const [condition, results] = [new Condition(), new Queue<unknown>()]
      const victim = start('waitNotified', condition, results)
      expect(yield* results.get()).toBe('waits')
      const other = start('waitNotified', condition, results)
      expect(yield* results.get()).toBe('waits')
      yield* condition.acquire()
      victim.kill()
      yield* victim.join()
      expect(yield* condition.notify()).toBe(1)
      yield* condition.release()
      expect(yield* results.get()).toBe(true)
      yield* joined(other)
    }))

  test('wakes another waiter instead of one that is killed when it is notified', () =>
    run(function* () {
      const condition = new Condition()
      const woken: number[] = []
      const waiters = [1, 2].map((number) =>
        spawn(function* () {
          yield* condition.acquire()
          try {
            yield* condition.wait()
            woken.push(number)
          } finally {
            condition.release()
          }
        }),
      )
      for (let turns = 0; turns < 5; turns += 1) yield* sleep(0)
      yield* condition.acquire()
      waiters[0]!.kill({ block: false })
      condition.notify()
      condition.release()
      yield* waiters[1]!.join({ timeout: 5000 })
      expect(woken).toEqual([2])
    }))

  test('does not notify waiters that were killed before they learned of their registration, or that died', () => {
    const state = new ConditionState()
    const told: string[] = []
    const asker = (node: string) => ({
      node,
      answer: (value: unknown) => value === true && !!told.push(node),
      fail: () => false,
    })
    for (const node of ['0.1', '0.2', '0.3']) state.ask(asker(node), 'enter', [])
    state.ask(asker('0.3'), 'wait', [3])
    state.ask(asker('0'), 'notify', [1])
    state.undo('0.1', 'enter', 1)
    state.forget((node) => node === '0.2')
    expect(told).toEqual(['0.3'])
  })

  test('fails its waiter once when its owner is gone, with the lock held again', () =>
    run(function* () {
      const report = vi.spyOn(getHub(), 'handleError')
      const manager = new Manager()
      yield* manager.start()
      const lock = new Lock()
      const condition = manager.Condition(lock)
      yield* condition.acquire()
      const waiter = spawn(() => failure(condition.wait()))
      // The waiter releases the lock.
      yield* lock.acquire()
      lock.release()
      yield* manager.shutdown()
      expect(yield* waiter).toBeInstanceOf(ProcessDiedError)
      expect(yield* lock.locked()).toBe(true)
      // A report would be made in a microtask.
      yield* until(Promise.resolve())
      expect(report).not.toHaveBeenCalled()
      report.mockRestore()
    }))

  test('wakes the given number of waiters, longest waiting first', () => {
    const state = new ConditionState()
    const told: string[] = []
    const asker = (node: string) => ({
      node,
      answer: (value: unknown) => value === true && !!told.push(node),
      fail: () => false,
    })
    const nodes = ['0.1', '0.2', '0.3', '0.4']
    for (const node of nodes) state.ask(asker(node), 'enter', [])
    for (const [index, node] of nodes.entries()) state.ask(asker(node), 'wait', [index + 1])
    for (const [count, woken] of [
      [0, 0],
      [1, 1],
      [2, 3],
      [null, 4],
    ]) {
      state.ask(asker('0'), 'notify', [count])
      expect(told).toEqual(nodes.slice(0, woken!))
    }
  })

  test('misses no notification between releasing the lock and waiting', () => {
    const state = new ConditionState()
    const answers: unknown[] = []
    const asker = { node: '0.1', answer: (value: unknown) => answers.push(value) > 0, fail: () => false }
    state.ask(asker, 'enter', [])
    state.ask(asker, 'notify', [1])
    state.ask(asker, 'wait', [1])
    state.ask(asker, 'notify', [null])
    state.ask(asker, 'exit', [1])
    state.ask(asker, 'notify', [null])
    expect(answers).toEqual([1, 1, true, 0, undefined, 0])
  })
})
