import { type Attempt, attempt, BrokenBarrierError, each, Full, type Greenlet, sleep, spawn } from '@greenlit/core'
import {
  activeChildren,
  Barrier,
  DictProxy,
  EOFError,
  KeyError,
  ListProxy,
  Lock,
  Manager,
  Pipe,
  ProcessDiedError,
  Queue,
  RLock,
  SerializationError,
  SetProxy,
} from '@greenlit/process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joined, starter } from '../children.ts'
import { failure, guardLeaks, run } from '../guard.ts'

const module = new URL('../fixtures/shared.mjs', import.meta.url)

const poolModule = new URL('../fixtures/pool.mjs', import.meta.url)

class OwnManager extends Manager {}
OwnManager.register('Maths', { module, export: 'Maths' })
OwnManager.register('Keeper', { module, export: 'Keeper' })
OwnManager.register('Prepared', { module: poolModule, export: 'makePrepared' })
OwnManager.register('Plain', { module, export: 'makePlain' }, { exposed: ['hello'] })

interface Maths {
  add(x: number): number
  slowly(x: string): Generator<never, string, unknown>
  fails(): never
  forever(): void
  _hidden(): string
}

describe.each(['process', 'thread'] as const)('Manager in a %s', (context) => {
  let manager: OwnManager
  beforeAll(async () => {
    manager = new OwnManager({ context })
    await manager.start()
  })
  afterAll(async () => {
    await manager.shutdown()
  })
  guardLeaks()

  test('refuses wrong items and entries when they are given, and takes those of any iterable', () =>
    run(function* () {
      const dict = manager.dict<string, number>()
      const list = manager.list([1])
      for (const wrong of [5, null, 'ab', [1], [['a', 1, 2]], dict] as never[]) {
        expect(() => manager.dict(wrong)).toThrow('Expected `entries` to be pairs of keys and values')
        expect(() => dict.update(wrong)).toThrow(TypeError)
      }
      for (const wrong of [5, null, 'ab', ['a'], new Map([['a', 1]]), dict] as never[])
        expect(() => manager.Namespace(wrong)).toThrow('Expected `names` to be an object of values by name')
      for (const use of [
        () => manager.list(5 as never),
        () => manager.set(5 as never),
        () => list.extend(5 as never),
        () => list.concat(null as never),
        () => manager.set([1]).union(5 as never),
      ])
        expect(use).toThrow('Expected `items` to be iterable')
      yield* list.extend(new Set([2, 3]))
      yield* dict.update(new Map([['a', 1]]).entries())
      yield* dict.update({ b: 2 })
      expect([yield* list.copy(), yield* dict.items()]).toEqual([
        [1, 2, 3],
        [
          ['a', 1],
          ['b', 2],
        ],
      ])
    }))

  test('keeps sets', () =>
    run(function* () {
      const set = manager.set<number | string>([1, 2, 3, 3])
      expect(set).toBeInstanceOf(SetProxy)
      expect([set, manager.list(), manager.Lock()].map(String)).toEqual([
        '<SetProxy object>',
        '<ListProxy object>',
        '<Lock object>',
      ])
      expect([yield* set.len(), yield* set.has(3), yield* set.has('3')]).toEqual([3, true, false])
      yield* set.add('x')
      yield* set.add('x')
      expect(yield* set.copy()).toEqual(new Set([1, 2, 3, 'x']))
      yield* set.remove('x')
      yield* set.discard('x')
      yield* set.add('y')
      yield* set.discard('y')
      expect(yield* set.has('y')).toBe(false)
      expect(yield* failure(set.remove('x'))).toBeInstanceOf(KeyError)
      expect(yield* set.union([3, 4], new Set([5]))).toEqual(new Set([1, 2, 3, 4, 5]))
      expect(yield* set.union()).toEqual(new Set([1, 2, 3]))
      expect(yield* set.intersection([1, 2], [2, 3])).toEqual(new Set([2]))
      expect(yield* set.difference([1], [3, 9])).toEqual(new Set([2]))
      expect(yield* set.symmetricDifference([3, 4, 4])).toEqual(new Set([1, 2, 4]))
      const relations = [set.isdisjoint([4]), set.isdisjoint([3]), set.issubset([1, 2, 3, 4]), set.issubset([1, 2])]
      for (const expected of [true, false, true, false]) expect(yield* relations.shift()!).toBe(expected)
      expect([yield* set.issuperset([1]), yield* set.issuperset([1, 9])]).toEqual([true, false])
      expect(yield* set.len()).toBe(3)
      yield* set.update([4], [5])
      yield* set.intersectionUpdate([2, 3, 4, 5])
      yield* set.differenceUpdate([2], [3])
      yield* set.symmetricDifferenceUpdate([5, 6])
      expect(yield* set.copy()).toEqual(new Set([4, 6]))
      expect([yield* set.pop(), yield* set.pop()].sort()).toEqual([4, 6])
      expect(yield* failure(set.pop())).toBeInstanceOf(KeyError)
      yield* set.update(['a'])
      yield* set.clear()
      expect(yield* set.len()).toBe(0)
      expect(yield* manager.set().copy()).toEqual(new Set())
      const inside = manager.list([set])
      yield* (yield* inside.get(0)).add('inside')
      expect(yield* set.has('inside')).toBe(true)
    }))

  test('keeps lists', () =>
    run(function* () {
      const list = manager.list([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect(yield* list.slice(2, 5)).toEqual([2, 3, 4])
      expect(yield* list.slice(-2)).toEqual([8, 9])
      yield* list.extend([10, 11])
      yield* list.append(12)
      expect([yield* list.len(), yield* list.get(-1), yield* list.pop(), yield* list.pop(0)]).toEqual([13, 12, 12, 0])
      yield* list.set(0, 100)
      yield* list.insert(1, 50)
      yield* list.remove(50)
      yield* list.delete(-1)
      expect(yield* list.copy()).toEqual([100, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      expect([yield* list.index(3), yield* list.index(3, -9, 9), yield* list.count(3), yield* list.has(77)]).toEqual([
        2,
        2,
        1,
        false,
      ])
      yield* list.sort({ reverse: true })
      expect(yield* list.slice(0, 3)).toEqual([100, 10, 9])
      yield* list.sort()
      yield* list.reverse()
      expect(yield* list.slice(0, 2)).toEqual([100, 10])
      expect(yield* manager.list([1, 2]).repeat(2)).toEqual([1, 2, 1, 2])
      expect(yield* manager.list([1]).concat([2])).toEqual([1, 2])
      for (const bad of [list.get(50), list.remove(77), list.pop(50), list.set(50, 1), list.delete(50), list.index(77)])
        expect(yield* failure(bad)).toBeInstanceOf(RangeError)
      yield* list.clear()
      expect(yield* list.copy()).toEqual([])
    }))

  test('takes any number of items at once', () =>
    run(function* () {
      const list = manager.list<number>()
      yield* list.extend(Array.from({ length: 200_000 }, (_, index) => index))
      expect(yield* list.len()).toBe(200_000)
    }))

  test('iterates over a list, and stays at its end', () =>
    run(function* () {
      const list = manager.list(['a', undefined, 'c'])
      const iterator = list.iterate()
      const all: unknown[] = []
      yield* each(iterator, (item) => all.push(item))
      expect(all).toEqual(['a', undefined, 'c'])
      yield* list.append('d')
      expect(yield* iterator.next()).toEqual({ done: true, value: undefined })
    }))

  test('iterates over the keys of a dict and the items of a set, as they are at the first', () =>
    run(function* () {
      const [dict, set] = [manager.dict({ a: 1, b: 2 }), manager.set(['c', 'd'])]
      const all: string[] = []
      yield* each(dict, function* (key) {
        all.push(key)
        yield* dict.set('later', 3)
      })
      yield* each(set, (item) => all.push(item))
      expect(all).toEqual(['a', 'b', 'c', 'd'])
      const iterator = dict.iterate()
      const both = [spawn(() => iterator.next()), spawn(() => iterator.next())]
      expect([yield* both[0]!, yield* both[1]!].map(({ value }) => value).sort()).toEqual(['a', 'b'])
      yield* set.clear()
      const empty = set.iterate()
      for (let round = 0; round < 2; round += 1) expect((yield* empty.next()).done).toBe(true)
    }))

  test('ends an iteration whose iterator is closed', () =>
    run(function* () {
      const containers = [manager.list(['a', 'b']), manager.dict({ a: 1, b: 2 })]
      for (const container of containers) {
        const [unread, begun] = [container.iterate(), container.iterate()]
        expect(yield* begun.next()).toEqual({ done: false, value: 'a' })
        for (const iterator of [unread, begun]) {
          iterator.close()
          expect(yield* iterator.next()).toEqual({ done: true, value: undefined })
        }
      }
    }))

  test('iterates over a list, a dict and a set in plain code', async () => {
    const all: string[] = []
    for await (const item of manager.list(['a', 'b'])) all.push(item)
    for await (const key of manager.dict({ c: 1 })) all.push(key)
    for await (const item of manager.set(['d'])) all.push(item)
    expect(all).toEqual(['a', 'b', 'c', 'd'])
  })

  test('keeps dicts', () =>
    run(function* () {
      const dict = manager.dict<number, string>()
      for (let key = 65; key < 70; key += 1) yield* dict.set(key, String.fromCharCode(key))
      expect(yield* dict.copy()).toEqual(new Map([65, 66, 67, 68, 69].map((key) => [key, String.fromCharCode(key)])))
      expect(yield* dict.keys()).toEqual([65, 66, 67, 68, 69])
      expect(yield* dict.values()).toEqual(['A', 'B', 'C', 'D', 'E'])
      expect((yield* dict.items())[0]).toEqual([65, 'A'])
      expect([yield* dict.get(65), yield* dict.get(1), yield* dict.get(1, 'none'), yield* dict.has(66)]).toEqual([
        'A',
        undefined,
        'none',
        true,
      ])
      expect(yield* failure(dict.getitem(1))).toBeInstanceOf(KeyError)
      expect(yield* failure(dict.pop(1))).toBeInstanceOf(KeyError)
      expect([yield* dict.pop(65), yield* dict.pop(65, 'gone'), yield* dict.popitem()]).toEqual([
        'A',
        'gone',
        [69, 'E'],
      ])
      expect([yield* dict.setdefault(66, 'x'), yield* dict.setdefault(1, 'x')]).toEqual(['B', 'x'])
      expect([yield* dict.delete(66), yield* dict.delete(66), yield* dict.len()]).toEqual([true, false, 3])
      yield* dict.update(new Map([[2, 'two']]))
      expect(yield* dict.get(2)).toBe('two')
      yield* dict.clear()
      expect(yield* failure(dict.popitem())).toBeInstanceOf(KeyError)
      expect(yield* manager.dict({ a: 1 }).items()).toEqual([['a', 1]])
    }))

  test('returns plain values as copies, and proxies as the object itself', () =>
    run(function* () {
      const plain = manager.dict<string, number[]>([['x', [1]]])
      const got = (yield* plain.get('x'))!
      got.push(2)
      expect(yield* plain.get('x')).toEqual([1])
      const inner = manager.list<number>([1])
      const outer = manager.list<ListProxy<number>>([inner])
      yield* inner.append(2)
      const again = yield* outer.get(0)
      expect(again).toBeInstanceOf(ListProxy)
      expect(yield* again.copy()).toEqual([1, 2])
      const dict = manager.dict<string, ListProxy<number>>([['inner', inner]])
      yield* (yield* dict.getitem('inner')).append(3)
      yield* dict.clear()
      expect(yield* inner.copy()).toEqual([1, 2, 3])
    }))

  test('is filled by ten children', () =>
    run(function* () {
      const [dict, list] = [manager.dict<number, { square: number }>(), manager.list<number>()]
      const start = starter(context)
      const children = Array.from({ length: 10 }, (_, key) => start('fill', dict, list, key))
      yield* joined(...children)
      expect((yield* list.copy()).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      const items = yield* dict.items()
      expect(items.map(([key, { square }]) => square - key * key)).toEqual(Array(10).fill(0))
      expect(dict).toBeInstanceOf(DictProxy)
    }))

  test('keeps namespaces, values and arrays', () =>
    run(function* () {
      const space = manager.Namespace({ question: 41 })
      yield* joined(starter(context)('useNamespace', space))
      expect(yield* space.get('answer')).toBe(42)
      yield* space.delete('question')
      expect(yield* failure(space.get('question'))).toBeInstanceOf(ReferenceError)
      expect(yield* space.copy()).toEqual({ answer: 42 })
      const value = manager.Value('i', 5)
      yield* value.set((yield* value.get()) + 1)
      expect(yield* value.get()).toBe(6)
      expect(yield* manager.Array('i', [1, 2]).copy()).toEqual([1, 2])
    }))

  test('keeps queues, locks and other synchronisation objects', () =>
    run(function* () {
      const start = starter(context)
      const [queue, lock, rlock, event] = [manager.Queue<unknown>(2), manager.Lock(), manager.RLock(), manager.Event()]
      expect([queue, lock, rlock]).toEqual([expect.any(Queue), expect.any(Lock), expect.any(RLock)])
      yield* queue.put('x')
      expect(yield* queue.get()).toBe('x')
      const child = start('tryAcquire', lock, queue)
      expect(yield* queue.get()).toBe(true)
      expect(yield* queue.get()).toBe(false)
      yield* joined(child)
      expect(yield* lock.acquire({ timeout: 5000 })).toBe(true)
      yield* joined(start('setLater', event))
      expect(yield* event.wait()).toBe(true)
      const condition = manager.Condition()
      yield* condition.acquire()
      expect(yield* condition.wait({ timeout: 5 })).toBe(false)
      yield* condition.release()
      const barrier = manager.Barrier(2)
      expect(barrier).toBeInstanceOf(Barrier)
      const other = spawn(() => barrier.wait())
      expect([yield* barrier.wait(), yield* other].sort()).toEqual([0, 1])
      expect(yield* manager.Semaphore(3).getValue()).toBe(3)
      expect(yield* manager.BoundedSemaphore(2).getValue()).toBe(2)
      for (const limited of [manager.Barrier(2, 5), manager.Barrier(2, { timeout: 5 })])
        expect(yield* failure(limited.wait())).toBeInstanceOf(BrokenBarrierError)
      expect(yield* manager.JoinableQueue().join()).toBe(true)
      yield* queue.put('y')
      expect(yield* queue.join({ timeout: 0 })).toBe(false)
      expect(yield* queue.get()).toBe('y')
      for (let done = 0; done < 4; done += 1) yield* queue.taskDone()
      expect(yield* queue.join()).toBe(true)
      expect(() => manager.Semaphore(-1)).toThrow('Expected `value`')
    }))

  test('keeps objects of registered classes, whose methods may block', () =>
    run(function* () {
      const maths = manager.create<Maths>('Maths', 10)
      expect([yield* maths.add(5), yield* maths.slowly('x')]).toEqual([15, 'x'])
      const results = new Queue<number>()
      yield* joined(starter(context)('callMaths', maths, results))
      expect(yield* results.get()).toBe(20)
      expect((yield* failure(maths.fails())).message).toBe('failed there')
      expect((yield* failure(maths._hidden())).message).toContain('may be called')
      expect(yield* manager.create<{ hello(name: string): string }>('Plain').hello('you')).toBe('hello you')
      expect((yield* failure(manager.create<Maths>('Maths', 'bad').add(1))).message).toBe('a bad base')
      const caller = spawn(() => maths.forever())
      yield* sleep(5)
      yield* caller.kill()
      expect(yield* maths.add(0)).toBe(20)
      expect(() => manager.create('Missing')).toThrow('Expected `typeid`')
    }))

  test('does not hold a pipe end in a value that could not be sent', () =>
    run(function* () {
      const [left, right] = Pipe()
      const list = manager.list<unknown>()
      yield* list.append(left)
      expect(yield* failure(list.append([left, () => 1]))).toBeInstanceOf(SerializationError)
      yield* list.clear()
      const [other, end] = Pipe()
      expect(yield* failure(list.append([other, () => 1]))).toBeInstanceOf(SerializationError)
      other.close()
      expect(yield* failure(end.recv({ timeout: 5000 }))).toBeInstanceOf(EOFError)
      left.close()
      // It has received this one before, and keeps it.
      expect(yield* right.poll()).toBe(false)
    }))

  test('does not hold a pipe end that was not put into a queue in time', () =>
    run(function* () {
      const queue = manager.Queue<unknown>(1)
      yield* queue.put(1)
      for (const options of [{ block: false }, { timeout: 1 }, 'killed'] as const) {
        const [given, kept] = Pipe()
        const putter = spawn(() => queue.put(given, options === 'killed' ? {} : options))
        if (options === 'killed') {
          yield* queue.full()
          yield* putter.kill()
        } else {
          expect(yield* failure(putter.get())).toBeInstanceOf(Full)
        }
        given.close()
        expect(yield* failure(kept.recv({ timeout: 5000 }))).toBeInstanceOf(EOFError)
      }
    }))

  test('lets one object call another that it received before that was made', () =>
    run(function* () {
      const keeper = manager.create<{ keep(maths: unknown): void; add(x: number): number }>('Keeper')
      yield* keeper.call('keep', undefined)
      yield* keeper.keep(manager.create('Maths', 1))
      expect(yield* keeper.add(2)).toBe(3)
    }))
})

describe('Manager', () => {
  guardLeaks()

  test('calls its initializer first, ends with its block, and does not start if the initializer fails', () =>
    run(function* () {
      const prepared = new OwnManager({ context: 'thread' })
      const initializer = { module: poolModule, export: 'prepare' }
      yield* prepared.start({ initializer, initargs: ['first'] })
      const object = prepared.create<{ value(): string }>('Prepared')
      expect(yield* object.value()).toBe('first')
      prepared[Symbol.dispose]()
      let last: Attempt<string>
      do last = yield* attempt(object.value())
      while (last.ok)
      expect(last.error).toBeInstanceOf(ProcessDiedError)
      const failing = new OwnManager()
      const error = yield* failure(failing.start({ initializer: { module: poolModule, export: 'failToPrepare' } }))
      expect(error).toBeInstanceOf(ProcessDiedError)
      expect(error).toMatchObject({ exitcode: 1, cause: { message: 'cannot prepare' } })
    }))

  test('outlives a SIGINT, such as Ctrl-C sends to all processes of a program', () =>
    run(function* () {
      const manager = new Manager()
      yield* manager.start()
      const list = manager.list<string>()
      process.kill(activeChildren().at(-1)!.pid!, 'SIGINT')
      yield* list.append('cleanup')
      expect(yield* list.copy()).toEqual(['cleanup'])
      yield* manager.shutdown()
    }))

  test.each(['process', 'thread'] as const)('a %s keeps objects that are made and used before it is ready', (context) =>
    run(function* () {
      const manager = new OwnManager({ context })
      manager.start()
      const list = manager.list([1])
      const queue = manager.Queue<string>(1)
      const early = spawn(() => queue.get({ timeout: 5000 }))
      expect(yield* manager.create<Maths>('Maths', 10).add(1)).toBe(11)
      yield* list.append(2)
      expect(yield* list.copy()).toEqual([1, 2])
      yield* queue.put('item')
      expect(yield* early).toBe('item')
      yield* manager.shutdown()
    }),
  )

  test('is killed if it does not end in time when it is shut down', () =>
    run(function* () {
      const managers = [new OwnManager(), new OwnManager()]
      const computing: Greenlet<Error>[] = []
      for (const manager of managers) {
        yield* manager.start()
        const maths = manager.create<Maths>('Maths', 1)
        yield* maths.add(1)
        computing.push(spawn(() => failure(maths.call('compute'))))
      }
      yield* sleep(0)
      const [quick, usual] = managers.map((manager, index) => manager.shutdown(index === 0 ? { timeout: 20 } : {}))
      yield* quick!
      expect(activeChildren().length).toBe(1)
      yield* usual!
      expect(activeChildren()).toEqual([])
      for (const call of computing) expect(yield* call).toBeInstanceOf(ProcessDiedError)
    }))

  test('ends with its block, also if it was never started', async () => {
    const manager = new Manager()
    manager[Symbol.dispose]()
    await manager[Symbol.asyncDispose]()
    await manager.start()
    await manager[Symbol.asyncDispose]()
    expect(activeChildren()).toEqual([])
  })

  test('is started once, before use, and its objects end with it', () =>
    run(function* () {
      const manager = new Manager()
      expect(() => manager.dict()).toThrow('not yet started')
      expect(() => manager.shutdown()).toThrow('not yet started')
      yield* manager.start()
      expect(() => manager.start()).toThrow('once')
      const list = manager.list([1])
      expect(yield* list.len()).toBe(1)
      yield* manager.shutdown()
      expect(yield* failure(list.len())).toBeInstanceOf(ProcessDiedError)
      expect(() => manager.dict()).toThrow('shut down')
      expect(() => manager.Lock()).toThrow('shut down')
      yield* manager.shutdown()
      expect(() => Manager.register('dict', { module, export: 'Maths' })).toThrow('free')
      expect(() => Manager.register('', { module, export: 'Maths' })).toThrow('Expected `typeid`')
      expect(() => Manager.register('Own', (() => 1) as never)).toThrow('a function cannot go')
    }))
})
