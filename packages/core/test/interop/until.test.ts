import { sleep, spawn, Timeout, until, withTimeout } from '@greenlit/core'
import { expect, test } from 'vitest'
import { program, raisedBy, turns } from '../support.ts'

test(
  'until returns the value of the promise, or throws its rejection',
  program(function* () {
    expect(yield* until(Promise.resolve(5))).toBe(5)
    const error = new RangeError('boom')
    expect(yield* raisedBy(until(Promise.reject(error)))).toBe(error)
    expect(yield* raisedBy(until(Promise.reject('words')))).toBe('words')
  }),
)

test(
  'until accepts any thenable',
  program(function* () {
    const thenable = { then: (resolve: (value: number) => void) => resolve(5) } as PromiseLike<number>
    expect(yield* until(thenable)).toBe(5)
  }),
)

test(
  'a thenable that throws counts as failed, and one that settles again later disturbs no other wait',
  program(function* () {
    const failing = {
      then() {
        throw new RangeError('no promise')
      },
    } as PromiseLike<never>
    expect(yield* raisedBy(until(failing))).toBeInstanceOf(RangeError)
    let settle: (value: number) => void = () => {}
    const twice = {
      then(resolve: (value: number) => void) {
        settle = resolve
        resolve(1)
      },
    } as PromiseLike<number>
    expect(yield* until(twice)).toBe(1)
    const next = until(
      new Promise<number>((resolve) => {
        setImmediate(() => {
          settle(2)
          resolve(3)
        })
      }),
    )
    expect(yield* next).toBe(3)
  }),
)

test(
  'many greenlets may wait at once, each for its own promise',
  program(function* () {
    const greenlets = Array.from({ length: 100 }, (_, at) =>
      spawn(function* () {
        let sum = 0
        for (let time = 0; time < 5; time += 1) sum += yield* until(Promise.resolve(at))
        return sum
      }),
    )
    for (const [at, greenlet] of greenlets.entries()) expect(yield* greenlet).toBe(at * 5)
  }),
)

test(
  'a killed wait ends at once, and the outcome of the promise, even a rejection, is ignored',
  program(function* () {
    let reject: (error: Error) => void = () => {}
    const promise = new Promise<number>((_resolve, fail) => {
      reject = fail
    })
    const greenlet = spawn(() => until(promise))
    yield* sleep(0)
    yield* greenlet.kill()
    expect(greenlet.dead).toBe(true)
    reject(new RangeError('ignored'))
    yield* turns(3)
  }),
)

test(
  'a promise that settles after its wait timed out does not disturb later waits',
  program(function* () {
    let resolve: (value: string) => void = () => {}
    const late = new Promise<string>((done) => {
      resolve = done
    })
    expect(yield* raisedBy(withTimeout(2, () => until(late)))).toBeInstanceOf(Timeout)
    const second = spawn(() => until(new Promise<string>((done) => setTimeout(done, 10, 'second'))))
    resolve('late')
    expect(yield* until(new Promise((done) => setTimeout(done, 5, 'own')))).toBe('own')
    expect(yield* second).toBe('second')
  }),
)

test('until works in plain code, and its operation may be used only once', async () => {
  const operation = until(Promise.resolve(5))
  expect(await operation).toBe(5)
  await expect(Promise.resolve(operation)).rejects.toThrow('used once')
})

test('anything but a promise is rejected up front', () => {
  for (const wrong of [5, undefined, null, {}, () => {}]) expect(() => until(wrong as never)).toThrow(TypeError)
})

test(
  'the timeout option ends the wait, but not the work of the promise',
  program(function* () {
    const never = new Promise<number>(() => {})
    expect(yield* raisedBy(until(never, { timeout: 1 }))).toBeInstanceOf(Timeout)
    const own = new Timeout(1)
    expect(yield* raisedBy(until(never, { timeout: own }))).toBe(own)
    expect(yield* until(Promise.resolve(5), { timeout: 10_000 })).toBe(5)
    const thenable = { then: (resolve: (value: number) => void) => resolve(6) } as PromiseLike<number>
    expect(yield* until(thenable, { timeout: 10_000 })).toBe(6)
    expect(yield* raisedBy(until(Promise.reject(new RangeError('boom')), { timeout: 10_000 }))).toBeInstanceOf(
      RangeError,
    )
    const greenlet = spawn(() => until(never, { timeout: 10_000 }))
    yield* turns(1)
    yield* greenlet.kill()
    expect(() => until(never, { timeout: NaN })).toThrow(TypeError)
    expect(() => until(5 as never)).toThrow('Expected `promise` to be a promise, got 5')
  }),
)
