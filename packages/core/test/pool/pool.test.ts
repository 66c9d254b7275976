import {
  coroutine,
  Event,
  Full,
  Greenlet,
  GreenletExit,
  Group,
  LoopExit,
  Pool,
  PoolFull,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { program, raisedBy, thrownBy, turns } from '../support.ts'

describe('room', () => {
  test(
    'spawn waits until a member has finished',
    program(function* () {
      const pool = new Pool(1)
      const go = new Event()
      const log: string[] = []
      yield* pool.spawn(function* () {
        yield* go.wait()
        log.push('first ends')
      })
      const spawner = spawn(function* () {
        const second = yield* pool.spawn(() => log.push('second runs'))
        log.push(`spawned, ${pool.size} in`)
        return second
      })
      yield* turns(3)
      expect([pool.size, pool.full(), pool.freeCount(), log]).toEqual([1, true, 0, []])
      go.set()
      yield* yield* spawner
      yield* pool.join()
      expect(log).toEqual(['first ends', 'spawned, 1 in', 'second runs'])
      expect([pool.size, pool.freeCount()]).toEqual([0, 1])
    }),
  )

  test(
    'spawn does not switch if there is room, and returns the greenlet itself',
    program(function* () {
      const pool = new Pool(2)
      let ran = false
      const greenlet = yield* pool.spawn((value: number) => {
        ran = true
        return value
      }, 5)
      expect(greenlet).toBeInstanceOf(Greenlet)
      expect([ran, pool.size, pool.full()]).toEqual([false, 1, false])
      expect(yield* greenlet).toBe(5)
    }),
  )

  test(
    'a greenlet that is added twice takes one place',
    program(function* () {
      const pool = new Pool(2)
      const greenlet = new Greenlet(() => 5)
      yield* pool.start(greenlet)
      yield* pool.add(greenlet)
      expect(yield* pool.waitAvailable({ timeout: 0 })).toBe(1)
      yield* pool.join()
      expect(yield* pool.waitAvailable({ timeout: 0 })).toBe(2)
    }),
  )

  test(
    'greenlets that wait for room get it in order',
    program(function* () {
      const pool = new Pool(1)
      const log: number[] = []
      for (let index = 0; index < 5; index += 1) {
        spawn(function* () {
          yield* pool.spawn(() => log.push(index))
        })
      }
      yield* turns(20)
      yield* pool.join()
      expect(log).toEqual([0, 1, 2, 3, 4])
    }),
  )

  test(
    'there are never more members than the size, whichever way they are spawned',
    program(function* () {
      const pool = new Pool(3)
      let most = 0
      function* job(index: number) {
        most = Math.max(most, pool.size)
        yield* turns(index % 4)
      }
      const spawners = [0, 1, 2].map((first) =>
        spawn(function* () {
          for (let index = first; index < 30; index += 3) yield* pool.spawn(job, index)
        }),
      )
      for (const spawner of spawners) yield* spawner
      yield* pool.join()
      expect([most, pool.freeCount()]).toEqual([3, 3])
    }),
  )

  test(
    'a pool without a size is never full',
    program(function* () {
      const pool = new Pool()
      for (let index = 0; index < 100; index += 1) yield* pool.spawn(sleep, 0)
      expect([pool.size, pool.full(), pool.freeCount(), pool.maxsize]).toEqual([100, false, 1, undefined])
      expect(yield* pool.waitAvailable()).toBeGreaterThan(0)
      yield* pool.join()
    }),
  )

  test(
    'a pool of size 0 never has room',
    program(function* () {
      const pool = new Pool(0)
      expect([pool.full(), pool.freeCount(), pool.maxsize]).toEqual([true, 0, 0])
      expect(yield* raisedBy(pool.add(new Greenlet(() => 1), { timeout: 1 }))).toBeInstanceOf(PoolFull)
      expect(yield* withTimeout(1, () => pool.spawn(() => 1), { timeoutValue: 'timed out' })).toBe('timed out')
    }),
  )

  test('a negative size is rejected', () => {
    for (const size of [-1, 1.5, Number.NaN] as never[]) {
      const error = thrownBy(() => new Pool(size)) as Error
      expect(error).toBeInstanceOf(RangeError)
      expect(error.message).toContain('Expected `size` to be a whole number from 0 up, got ')
    }
    expect(thrownBy(() => new Pool('3' as never))).toBeInstanceOf(TypeError)
  })
})

describe('add and start', () => {
  test(
    'throw PoolFull without room in time, and do not add the greenlet',
    program(function* () {
      const pool = new Pool(1)
      const go = new Event()
      yield* pool.spawn(() => go.wait())
      const greenlet = new Greenlet(() => 'ran')
      for (const operation of [
        pool.add(greenlet, { blocking: false }),
        pool.add(greenlet, { timeout: 1 }),
        pool.start(greenlet, { timeout: 1 }),
        pool.start(greenlet, { timeout: 0 }),
        pool.start(greenlet, { blocking: false, timeout: 60_000 }),
        pool.start(greenlet, { timeout: new Timeout(1) }),
      ]) {
        const error = (yield* raisedBy(operation)) as PoolFull
        expect(error).toBeInstanceOf(PoolFull)
        expect(error).toBeInstanceOf(Full)
        expect([error.name, error.code, error.message]).toEqual(['PoolFull', 'POOL_FULL', 'The pool is full'])
      }
      expect([pool.has(greenlet), greenlet.started, pool.size]).toEqual([false, false, 1])
      go.set()
      yield* pool.start(greenlet)
      expect(yield* greenlet).toBe('ran')
      expect(pool.freeCount()).toBe(1)
    }),
  )

  test(
    'add waits for room and takes a place',
    program(function* () {
      const pool = new Pool(1)
      const go = new Event()
      yield* pool.spawn(() => go.wait())
      const outside = spawn(() => go.wait())
      const adding = spawn(() => pool.add(outside))
      yield* turns(2)
      expect(adding.ready()).toBe(false)
      go.set()
      yield* adding
      yield* pool.join()
      expect(pool.freeCount()).toBe(1)
    }),
  )

  test(
    'add starts nothing, and does not wait if the greenlet is a member already',
    program(function* () {
      const pool = new Pool(1)
      const greenlet = new Greenlet(() => 5)
      yield* pool.add(greenlet)
      yield* turns(2)
      expect([greenlet.ready(), pool.full()]).toEqual([false, true])
      yield* pool.add(greenlet, { blocking: false })
      yield* pool.start(greenlet, { timeout: 0 })
      expect(yield* greenlet).toBe(5)
    }),
  )

  test(
    'a greenlet that is added twice takes one place',
    program(function* () {
      const pool = new Pool(2)
      const go = new Event()
      const greenlet = spawn(() => go.wait())
      yield* pool.add(greenlet)
      yield* pool.add(greenlet)
      yield* pool.add(greenlet, { blocking: false })
      expect([pool.size, pool.freeCount()]).toEqual([1, 1])
      go.set()
      yield* pool.join()
      expect(pool.freeCount()).toBe(2)
    }),
  )

  test('a bad greenlet, timeout or function is rejected up front', () => {
    const pool = new Pool(1)
    expect(thrownBy(() => pool.add({} as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => pool.start(1 as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => pool.add(new Greenlet(() => 1), { timeout: '1' as never }))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => pool.spawn('f' as never))).toBeInstanceOf(TypeError)
    expect(pool.size).toBe(0)
  })
})

describe('waitAvailable', () => {
  test(
    'waits for room without taking it',
    program(function* () {
      const pool = new Pool(1)
      expect(yield* pool.waitAvailable()).toBe(1)
      const go = new Event()
      yield* pool.spawn(() => go.wait())
      expect(yield* pool.waitAvailable({ timeout: 1 })).toBe(0)
      const waiting = spawn(() => pool.waitAvailable())
      yield* turns(1)
      go.set()
      expect(yield* waiting).toBe(1)
      expect(pool.freeCount()).toBe(1)
    }),
  )
})

describe('nothing is lost', () => {
  test(
    'a discarded member frees its place once',
    program(function* () {
      const pool = new Pool(1)
      const go = new Event()
      const greenlet = yield* pool.spawn(() => go.wait())
      pool.discard(greenlet)
      pool.discard(greenlet)
      expect([pool.size, pool.freeCount()]).toEqual([0, 1])
      yield* pool.kill()
      go.set()
      yield* greenlet
      yield* turns(2)
      expect([pool.freeCount(), yield* pool.waitAvailable()]).toEqual([1, 1])
    }),
  )

  test(
    'a killed or timed-out spawner takes no place, and its function never runs',
    program(function* () {
      const pool = new Pool(1)
      const go = new Event()
      yield* pool.spawn(() => go.wait())
      let ran = 0
      const spawner = spawn(() => pool.spawn(() => (ran += 1)))
      yield* turns(1)
      yield* spawner.kill()
      yield* withTimeout(1, () => pool.spawn(() => (ran += 1)), { timeoutValue: undefined })
      go.set()
      yield* pool.join()
      yield* turns(3)
      expect([ran, pool.size, pool.freeCount(), yield* pool.waitAvailable()]).toEqual([0, 0, 1, 1])
    }),
  )

  test(
    'a spawner that is killed in the turn in which there is room leaves it to the next one',
    program(function* () {
      const pool = new Pool(1)
      const go = new Event()
      const first = yield* pool.spawn(() => go.wait())
      const log: string[] = []
      const doomed = spawn(() => pool.spawn(() => log.push('doomed')))
      const next = spawn(() => pool.spawn(() => log.push('next')))
      yield* turns(1)
      first.rawlink(() => {
        doomed.kill()
      })
      go.set()
      yield* next
      yield* turns(4)
      yield* pool.join()
      expect(log.at(-1)).toBe('next')
      expect(pool.freeCount()).toBe(1)
    }),
  )

  test(
    'killing the pool frees all places',
    program(function* () {
      const pool = new Pool(3)
      const greenlets = []
      for (let index = 0; index < 3; index += 1) greenlets.push(yield* pool.spawn(sleep, 60_000))
      yield* turns(1)
      yield* pool.kill()
      expect([pool.size, pool.freeCount()]).toEqual([0, 3])
      for (const greenlet of greenlets) expect(greenlet.value).toBeInstanceOf(GreenletExit)
      expect(yield* yield* pool.spawn(() => 'usable')).toBe('usable')
    }),
  )
})

test('a member that spawns into its own full pool is a deadlock, and is reported as one', async () => {
  const pool = new Pool(1)
  const error = await coroutine(function* () {
    yield* pool.spawn(function* stuck() {
      yield* pool.spawn(() => 1)
    })
    return yield* raisedBy(pool.join())
  })()
  expect(error).toBeInstanceOf(LoopExit)
  expect((error as Error).message).toContain('waits on PoolPlaces.wait')
  await pool.kill()
  expect(pool.freeCount()).toBe(1)
})

test('awaited in plain code, spawn returns the result, since a greenlet is thenable', async () => {
  const pool = new Pool(2)
  const outcomes: number[] = []
  for (let index = 0; index < 5; index += 1) outcomes.push(await pool.spawn((value: number) => value * 2, index))
  expect(outcomes).toEqual([0, 2, 4, 6, 8])
})

test('a pool is a group', () => {
  expect(new Pool(1)).toBeInstanceOf(Group)
  expect(new Group()).not.toBeInstanceOf(Pool)
})
