import { ConcurrentObjectUseError, getHub, sleep, spawn, Timeout, type Watcher } from '@greenlit/core'
import { expect, test } from 'vitest'
import { program, raisedBy, thrownBy, turns } from '../support.ts'

/** A watcher that calls back on demand, and records the calls of its methods. */
class Fake implements Watcher {
  readonly log: string[] = []
  callback: () => void = () => {}

  start(callback: () => void): void {
    this.log.push('start')
    this.callback = callback
  }

  stop(): void {
    this.log.push('stop')
  }

  close(): void {
    this.log.push('close')
  }
}

test(
  'a wait starts the watcher, and stops it when it calls back',
  program(function* () {
    const watcher = new Fake()
    const waiting = spawn(() => getHub().wait(watcher))
    yield* turns(2)
    expect(watcher.log).toEqual(['start'])
    watcher.callback()
    watcher.callback()
    expect(yield* waiting).toBe(undefined)
    expect(watcher.log).toEqual(['start', 'stop'])
  }),
)

test(
  'a watcher may call back at once, and be waited for again',
  program(function* () {
    let starts = 0
    const watcher = {
      start: (callback: () => void) => {
        starts += 1
        callback()
      },
      stop: () => {},
    }
    yield* getHub().wait(watcher)
    yield* getHub().wait(watcher)
    expect(starts).toBe(2)
  }),
)

test(
  'a kill or a timeout stops the watcher',
  program(function* () {
    const watcher = new Fake()
    expect(yield* raisedBy(getHub().wait(watcher, { timeout: 1 }))).toBeInstanceOf(Timeout)
    const waiting = spawn(() => getHub().wait(watcher))
    yield* turns(1)
    yield* waiting.kill()
    expect(watcher.log).toEqual(['start', 'stop', 'start', 'stop'])
  }),
)

test(
  'cancelWait throws into the waiting greenlet in the next turn, and closes the watcher if asked to',
  program(function* () {
    const watcher = new Fake()
    const waiting = spawn(() => raisedBy(getHub().wait(watcher)))
    yield* turns(1)
    const error = new RangeError('closed elsewhere')
    getHub().cancelWait(watcher, error, { closeWatcher: true })
    expect(waiting.dead).toBe(false)
    expect(yield* waiting).toBe(error)
    expect(watcher.log).toEqual(['start', 'stop', 'close'])
    getHub().cancelWait(watcher, RangeError)
    yield* turns(2)
    expect(watcher.log).toHaveLength(3)
  }),
)

test(
  'only one greenlet waits at a time, and invalid watchers and errors are rejected up front',
  program(function* () {
    const watcher = new Fake()
    const waiting = spawn(() => getHub().wait(watcher))
    yield* sleep(0)
    expect(yield* raisedBy(getHub().wait(watcher))).toBeInstanceOf(ConcurrentObjectUseError)
    watcher.callback()
    yield* waiting
    expect(thrownBy(() => getHub().wait(5 as never))).toEqual(
      new TypeError('Expected `watcher.start` to be a function, got undefined'),
    )
    expect(thrownBy(() => getHub().cancelWait(watcher, 'text' as never))).toBeInstanceOf(TypeError)
  }),
)

test(
  "an error of the watcher's start is thrown, and leaves no greenlet waiting",
  program(function* () {
    let fails = true
    const watcher: Watcher = {
      start(callback) {
        if (fails) throw new RangeError('cannot start')
        callback()
      },
      stop() {},
    }
    expect(yield* raisedBy(getHub().wait(watcher))).toBeInstanceOf(RangeError)
    fails = false
    yield* getHub().wait(watcher)
  }),
)
