import {
  AsyncResult,
  Barrier,
  Condition,
  ContextVar,
  Event,
  Greenlet,
  Group,
  getHub,
  iwait,
  joinall,
  killall,
  LifoQueue,
  Lock,
  Pool,
  PriorityQueue,
  Queue,
  RLock,
  Semaphore,
  sleep,
  spawn,
  Timeout,
  wait,
  withTimeout,
} from '@greenlit/core'
import { formatRunInfo, startWatchdog } from '@greenlit/core/observe'
import { watchLeaks } from '@greenlit/core/testing'
import { expect, test } from 'vitest'

/** Every call that takes options, as a function of them. */
const CALLS: ((options: never) => unknown)[] = [
  (options) => new Queue().get(options),
  (options) => new Queue().peek(options),
  (options) => new Queue().put(1, options),
  (options) => new Queue().join(options),
  (options) => new Queue().shutdown(options),
  (options) => new Queue(1, options),
  (options) => new Event().wait(options),
  (options) => new AsyncResult().get(options),
  (options) => new AsyncResult().wait(options),
  (options) => new Semaphore().acquire(options),
  (options) => new Semaphore().wait(options),
  (options) => new Semaphore().hold(options),
  (options) => new Lock().acquire(options),
  (options) => new RLock().acquire(options),
  (options) => new RLock().hold(options),
  (options) => new Condition().wait(options),
  (options) => new Condition().waitFor(() => true, options),
  (options) => new Barrier(2).wait(options),
  (options) => new Greenlet(() => 1).join(options),
  (options) => new Greenlet(() => 1).get(options),
  (options) => new Greenlet(() => 1).kill(undefined, options),
  (options) => new Group().join(options),
  (options) => new Group().kill(undefined, options),
  (options) => new Group([], options),
  (options) => new Pool(1, options),
  (options) => new Pool(1).add(new Greenlet(() => 1), options),
  (options) => new Pool(1).waitAvailable(options),
  (options) => joinall([], options),
  (options) => killall([], undefined, options),
  (options) => wait([], options),
  (options) => wait(undefined, options),
  (options) => iwait([], options),
  (options) => getHub().join(options),
  (options) => sleep(1, options),
  (options) => withTimeout(1, () => 1, options),
  (options) => new Timeout(1, undefined, options),
  (options) => new LifoQueue(1, options),
  (options) => new PriorityQueue(1, options),
  (options) => new ContextVar('name', options),
  (options) => formatRunInfo(options),
  (options) => watchLeaks(options),
  (options) => watchLeaks().assertNone(options),
]

test('a positional argument in place of options, as in Python, is rejected up front', () => {
  for (const call of CALLS) {
    for (const options of [5, false, 'text', new Timeout(1), [1, 2]] as never[]) {
      expect(() => call(options), String(call)).toThrow('Expected `options` to be an object of options by name, got ')
    }
  }
})

test('`null` in place of options means none, like Python’s None', () => {
  for (const call of CALLS) expect(() => call(null as never), String(call)).not.toThrow()
  startWatchdog(null as never).stop()
  expect(new Condition(null as never).acquire()).toBeDefined()
})

test('a greenlet in place of a list is rejected, as iterating it would wait for it', () => {
  const greenlet = spawn(() => 1)
  for (const call of [joinall, wait, killall, iwait] as ((greenlets: never) => unknown)[]) {
    expect(() => call(greenlet as never)).toThrow(/^Expected `(greenlets|objects)` to be iterable, got an object of Gr/)
  }
  expect(() => new Group(greenlet as never)).toThrow('Expected `greenlets` to be iterable')
  greenlet.kill()
})

test('a call without its `yield*` in place of a value is named an operation, whatever its class', () => {
  for (const operation of [sleep(1), new Queue().get(), new Lock().hold()]) {
    expect(() => joinall([operation as never])).toThrow(/^Expected `greenlets` to hold greenlets, got an operation$/)
  }
  expect(() => sleep(sleep(1) as never)).toThrow(
    'Expected `milliseconds` to be a number of milliseconds, got an operation',
  )
  expect(() => joinall([(function* () {})() as never])).toThrow('to hold greenlets, got a generator object')
})
