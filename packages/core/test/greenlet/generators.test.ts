import { type Coroutine, getcurrent, RawGreenlet, runSync } from '@greenlit/core'
import { expect, test } from 'vitest'

/** A generator whose body may yield from any depth of nested calls: it switches to the greenlet that called `next`. */
class Genlet<T> extends RawGreenlet {
  private readonly body: () => Coroutine<unknown>
  private consumer: RawGreenlet | undefined

  constructor(body: () => Coroutine<unknown>) {
    super(undefined, getcurrent())
    this.body = body
  }

  override *run(): Coroutine<void> {
    yield* this.body()
  }

  next(): IteratorResult<T> {
    this.consumer = getcurrent()
    this.parent = this.consumer
    const value = runSync(this.switch<T>())
    return this.dead ? { done: true, value: undefined } : { done: false, value }
  }

  yieldValue(value: T): ReturnType<RawGreenlet['switch']> {
    return this.consumer!.switch(value)
  }

  [Symbol.iterator](): Iterator<T> {
    return { next: () => this.next() }
  }
}

/** Yields a value from the innermost enclosing generator. */
function yieldValue<T>(value: T): ReturnType<RawGreenlet['switch']> {
  let at: RawGreenlet | undefined = getcurrent()
  while (!(at instanceof Genlet)) at = at!.parent
  return at.yieldValue(value)
}

test('a greenlet may yield values one by one, like a generator', () => {
  const firstThree = () =>
    new Genlet<number>(function* () {
      for (let at = 0; at < 3; at += 1) yield* yieldValue(at)
    })
  expect([...firstThree()]).toEqual([0, 1, 2])
  expect([...firstThree()]).toEqual([0, 1, 2])
})

test('values may be yielded from a nested call', () => {
  function* twice(at: number): Coroutine<void> {
    yield* yieldValue(at)
    yield* yieldValue(at - 1)
  }
  for (let time = 0; time < 3; time += 1) {
    const genlet = new Genlet<number>(function* () {
      for (let at = 1; at <= 5; at += 1) yield* twice(at)
    })
    expect([...genlet]).toEqual([1, 0, 2, 1, 3, 2, 4, 3, 5, 4])
  }
})

test('an error of the body is thrown by next and ends the generator', () => {
  const genlet = new Genlet<number>(function* () {
    yield* yieldValue(1)
    throw new RangeError('boom')
  })
  expect(genlet.next()).toEqual({ done: false, value: 1 })
  expect(() => genlet.next()).toThrow('boom')
  expect(genlet.dead).toBe(true)
})

/** All permutations of the items: a recursive generator. */
function permutations(items: readonly number[]): Genlet<readonly number[]> {
  return new Genlet(function* () {
    if (items.length <= 1) {
      yield* yieldValue(items)
      return
    }
    for (const rest of permutations(items.slice(1))) {
      for (let at = 0; at <= rest.length; at += 1) {
        yield* yieldValue([...rest.slice(0, at), items[0]!, ...rest.slice(at)])
      }
    }
  })
}

test('a recursive generator yields all permutations', () => {
  const all = [...permutations([0, 1, 2, 3])].map(String)
  expect(all.length).toBe(24)
  expect(new Set(all).size).toBe(24)
  expect(all).toContain('0,1,2,3')
  expect(all).toContain('3,2,1,0')
})

test('two generators advance in lockstep', () => {
  const [a, b] = [permutations([0, 1, 2]), permutations([0, 1, 2])]
  let pairs = 0
  for (const left of a) {
    expect(b.next().value).toEqual(left)
    pairs += 1
  }
  expect(pairs).toBe(6)
  expect(b.next().done).toBe(true)
})

test('generators may be layered, each consuming the one below', () => {
  const numbers = new Genlet<number>(function* () {
    for (let at = 1; at <= 3; at += 1) yield* yieldValue(at)
  })
  const doubled = new Genlet<number>(function* () {
    for (const number of numbers) yield* yieldValue(number * 2)
  })
  const labelled = new Genlet<string>(function* () {
    for (const number of doubled) yield* yieldValue(`<${number}>`)
  })
  expect([...labelled]).toEqual(['<2>', '<4>', '<6>'])
})
