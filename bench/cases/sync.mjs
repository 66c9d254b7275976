import { attempt, joinall, Local, Queue, Semaphore, spawn, until } from '@greenlit/core'
import { nanosecondsPerOperation } from '../lib/measure.mjs'

/** A minimal queue of promises. */
class PromiseQueue {
  items = []
  waiting = []
  put(item) {
    const resolve = this.waiting.shift()
    if (resolve === undefined) this.items.push(item)
    else resolve(item)
  }
  get() {
    return this.items.length > 0
      ? Promise.resolve(this.items.shift())
      : new Promise((resolve) => this.waiting.push(resolve))
  }
}

/** A minimal mutex of promises. */
class PromiseMutex {
  locked = false
  waiting = []
  acquire() {
    if (this.locked) return new Promise((resolve) => this.waiting.push(resolve))
    this.locked = true
    return Promise.resolve()
  }
  release() {
    const next = this.waiting.shift()
    if (next === undefined) this.locked = false
    else next()
  }
}

export const syncCases = {
  'queue-ping-pong': {
    title: 'queue ping-pong, a message',
    unit: 'ns',
    most: 0.7,
    python: 'queue-ping-pong',
    variants: {
      greenlit: () =>
        nanosecondsPerOperation((count) => {
          const there = new Queue()
          const back = new Queue()
          function* ping() {
            for (let i = 0; i < count / 2; i += 1) {
              yield* there.put(i)
              yield* back.get()
            }
          }
          function* pong() {
            for (let i = 0; i < count / 2; i += 1) yield* back.put(yield* there.get())
          }
          return joinall([spawn(ping), spawn(pong)])
        }, 200_000),
      'async/await': () =>
        nanosecondsPerOperation((count) => {
          const there = new PromiseQueue()
          const back = new PromiseQueue()
          async function ping() {
            for (let i = 0; i < count / 2; i += 1) {
              there.put(i)
              await back.get()
            }
          }
          async function pong() {
            for (let i = 0; i < count / 2; i += 1) back.put(await there.get())
          }
          return Promise.all([ping(), pong()])
        }, 200_000),
    },
  },
  'lock-uncontended': {
    title: 'uncontended lock, acquire + release',
    unit: 'ns',
    most: 0.2,
    python: 'lock-uncontended',
    variants: {
      greenlit: () =>
        nanosecondsPerOperation((count) => {
          const lock = new Semaphore(1)
          return spawn(function* () {
            for (let i = 0; i < count; i += 1) {
              yield* lock.acquire()
              lock.release()
            }
          })
        }, 500_000),
      'async/await': () =>
        nanosecondsPerOperation((count) => {
          const mutex = new PromiseMutex()
          return (async () => {
            for (let i = 0; i < count; i += 1) {
              await mutex.acquire()
              mutex.release()
            }
          })()
        }, 500_000),
    },
  },
  until: {
    title: 'until(resolvedPromise) / await',
    unit: 'ns',
    most: 2,
    variants: {
      greenlit: () =>
        nanosecondsPerOperation((count) => {
          const promise = Promise.resolve(1)
          return spawn(function* () {
            for (let i = 0; i < count; i += 1) yield* until(promise)
          })
        }, 200_000),
      'async/await': () =>
        nanosecondsPerOperation((count) => {
          const promise = Promise.resolve(1)
          return (async () => {
            for (let i = 0; i < count; i += 1) await promise
          })()
        }, 200_000),
    },
  },
  failure: {
    title: 'until(rejectedPromise) / await, caught',
    unit: 'ns',
    python: 'failure',
    variants: {
      greenlit: () =>
        nanosecondsPerOperation(
          (count) =>
            spawn(function* () {
              for (let i = 0; i < count; i += 1) yield* attempt(until(Promise.reject(new Error('lost'))))
            }),
          20_000,
        ),
      'async/await': () =>
        nanosecondsPerOperation(async (count) => {
          for (let i = 0; i < count; i += 1) {
            try {
              await Promise.reject(new Error('lost'))
            } catch {
              // That is what is measured.
            }
          }
        }, 20_000),
    },
  },
  local: {
    title: 'local: read and set an attribute',
    unit: 'ns',
    python: 'local',
    variants: {
      greenlit: () =>
        nanosecondsPerOperation((count) => {
          const shared = new Local()
          return spawn(function* () {
            shared.value = 1
            for (let i = 0; i < count; i += 1) shared.value += 1
          })
        }, 200_000),
    },
  },
}
