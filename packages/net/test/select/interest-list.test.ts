import { expect, test } from 'vitest'
import type { Observer, Pollable } from '../../src/description/description.ts'
import { InterestList, type ListWaiter } from '../../src/select/interest-list.ts'

const READ = 1

/** A pollable that counts how often it is checked. */
class Counted implements Pollable {
  isReady = false
  looks = 0
  observers = new Set<Observer>()
  readonly writable = false
  readonly hasFailed = false
  readonly hungUp = false
  closed = false
  readonly fd: number
  readonly isExternal: boolean
  readonly mayStayObserved: boolean

  constructor(fd: number, isExternal = true, mayStayObserved = true) {
    this.fd = fd
    this.isExternal = isExternal
    this.mayStayObserved = mayStayObserved
  }

  get readable(): boolean {
    this.looks += 1
    return this.isReady
  }

  startWatching(): void {}

  observe(observer: Observer): void {
    this.observers.add(observer)
  }

  unobserve(observer: Observer): void {
    this.observers.delete(observer)
  }

  become(isReady: boolean): void {
    this.isReady = isReady
    for (const observer of this.observers) observer.changed(this)
  }
}

class Waiter implements ListWaiter {
  readonly told: unknown[] = []

  added(pollable: Pollable): void {
    this.told.push(['added', (pollable as Counted).fd])
  }

  changed(pollable: Pollable): void {
    this.told.push(['changed', (pollable as Counted).fd])
  }

  stop(error: unknown): void {
    this.told.push(error)
  }
}

function listOf(pollables: readonly Counted[]): InterestList {
  const list = new InterestList((pollable) => (pollable.readable ? READ : 0))
  for (const pollable of pollables) list.add(pollable.fd, pollable, READ)
  return list
}

function found(list: InterestList): number[] {
  return list.collectReady().map(([interest]) => interest.fd)
}

test('only interests that have changed or were ready are checked', () => {
  const pollables = Array.from({ length: 100 }, (_, fd) => new Counted(fd))
  const list = listOf(pollables)
  expect(found(list)).toEqual([])
  for (const pollable of pollables) pollable.looks = 0
  pollables[7]!.become(true)
  for (let round = 0; round < 10; round += 1) {
    expect(found(list)).toEqual([7])
    expect(list.mayMissInput()).toBe(true)
  }
  expect(pollables.filter(({ looks }) => looks > 0)).toEqual([pollables[7]])
})

test('a ready interest is found by each check until it is not ready, in order of registration', () => {
  const pollables = Array.from({ length: 5 }, (_, fd) => new Counted(fd))
  const list = listOf(pollables)
  for (const fd of [4, 0, 2]) pollables[fd]!.become(true)
  expect(found(list)).toEqual([0, 2, 4])
  // Reading makes it unready without notifying the list.
  pollables[2]!.isReady = false
  expect(found(list)).toEqual([0, 4])
  pollables[2]!.become(true)
  expect(found(list)).toEqual([0, 2, 4])
  list.remove(0)
  list.add(pollables[0]!.fd, pollables[0]!, READ)
  expect(found(list)).toEqual([2, 4, 0])
})

test('input may be missing as long as an external interest in reading shows none', () => {
  const [one, other] = [new Counted(0), new Counted(1)]
  const inMemory = new Counted(2, false)
  const list = listOf([one, other, inMemory])
  one.become(true)
  expect(list.mayMissInput()).toBe(true)
  other.become(true)
  expect(list.mayMissInput()).toBe(false)
  other.isReady = false
  expect(list.mayMissInput()).toBe(true)
  list.modify(list.get(1)!, 2)
  expect(list.mayMissInput()).toBe(false)
  list.modify(list.get(1)!, READ)
  expect(list.mayMissInput()).toBe(true)
  list.remove(1)
  expect(list.mayMissInput()).toBe(false)
})

test('a closed pollable hides no input, however often the list is checked', () => {
  const pollable = new Counted(0)
  const list = listOf([pollable])
  expect(list.mayMissInput()).toBe(true)
  pollable.closed = true
  pollable.become(false)
  for (let round = 0; round < 2; round += 1) {
    expect(found(list)).toEqual([])
    expect(list.mayMissInput()).toBe(false)
  }
})

test('a pollable whose observation has side effects is observed only during waits, and checked each time', () => {
  const stream = new Counted(0, true, false)
  const socket = new Counted(1)
  const list = listOf([stream, socket])
  const [waiter, other] = [new Waiter(), new Waiter()]
  const waiting = () => [stream.observers.size, socket.observers.size]
  expect(waiting()).toEqual([0, 1])
  list.enter(waiter)
  list.enter(other)
  expect(waiting()).toEqual([1, 1])
  list.leave(waiter)
  list.leave(waiter)
  expect(waiting()).toEqual([1, 1])
  list.leave(other)
  expect(waiting()).toEqual([0, 1])
  expect(found(list)).toEqual([])
  stream.isReady = true
  expect(found(list)).toEqual([0])
  list.remove(0)
  list.enter(waiter)
  expect(waiting()).toEqual([0, 1])
  list.add(stream.fd, stream, READ)
  expect(waiting()).toEqual([1, 1])
  list.leave(waiter)
  list.clear()
  expect(waiting()).toEqual([0, 0])
  expect(list.isExternal).toBe(false)
})

test('waiters are notified of additions and of readiness, and stopped when the list is closed', () => {
  const pollables = [new Counted(0), new Counted(1)]
  const list = listOf([pollables[0]!])
  const waiter = new Waiter()
  list.enter(waiter)
  list.add(pollables[1]!.fd, pollables[1]!, READ)
  pollables[0]!.become(false)
  pollables[1]!.become(true)
  list.modify(list.get(1)!, 2)
  list.close('closed')
  pollables[1]!.become(true)
  expect(waiter.told).toEqual([['added', 1], ['changed', 1], 'closed'])
  expect(pollables.map(({ observers }) => observers.size)).toEqual([0, 0])
  expect(found(list)).toEqual([])
})
