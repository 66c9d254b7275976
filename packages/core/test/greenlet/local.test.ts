import { Event, getcurrent, Local, sleep, spawn } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { program } from '../support.ts'

describe('Local', () => {
  test('is also a type: that of its shape, or of any properties', () => {
    class Request extends Local<{ user?: string }> {
      path = '/'
    }
    const userOf = (local: Local<{ user?: string }>) => local.user
    const given = new Local<{ user?: string }>(() => ({ user: 'ada' }))
    const anything: Local = new Local()
    anything.n = 1
    expect([userOf(given), userOf(new Request()), anything.n]).toEqual(['ada', undefined, 1])
  })

  test(
    'a property set in one greenlet is absent in another and does not change that of main',
    program(function* () {
      const local = new Local<{ value?: number }>()
      local.value = 1
      const inside = yield* spawn(function* () {
        const before = [local.value, 'value' in local, Object.keys(local)]
        local.value = 2
        yield* sleep(0)
        return [...before, local.value]
      })
      expect(inside).toEqual([undefined, false, [], 2])
      expect(local.value).toBe(1)
      expect(Object.keys(local)).toEqual(['value'])
    }),
  )

  test(
    'initialise is called with the object, once for each greenlet that accesses it',
    program(function* () {
      const calls: unknown[] = []
      const local = new Local<{ items: number[]; count: number }>((self) => {
        calls.push(getcurrent())
        self.items = []
        self.count = 0
      })
      expect(calls.length).toBe(0)
      local.count += 1
      local.items.push(1)
      expect(calls.length).toBe(1)
      const items = yield* spawn(function* () {
        local.items.push(5)
        yield* sleep(0)
        local.count += 1
        return local.items
      })
      expect(items).toEqual([5])
      expect(calls.length).toBe(2)
      expect(local.items).toEqual([1])
      expect(local.count).toBe(1)
    }),
  )

  test(
    'an initialise that throws is called again on the next access',
    program(function* () {
      let fails = true
      const local = new Local<{ value: number }>((self) => {
        self.value = 0
        if (fails) throw new RangeError('boom')
      })
      expect(() => local.value).toThrow('boom')
      fails = false
      expect(local.value).toBe(0)
    }),
  )

  test(
    'a subclass has methods and accessors that see the values of the current greenlet',
    program(function* () {
      class Counter extends Local<{ count: number }> {
        constructor(start: number) {
          super((self) => {
            self.count = start
          })
        }
        increase(): number {
          this.count += 1
          return this.count
        }
        get double(): number {
          return this.count * 2
        }
      }
      const counter = new Counter(5)
      expect(counter).toBeInstanceOf(Counter)
      expect(counter).toBeInstanceOf(Local)
      expect(counter.increase()).toBe(6)
      expect(counter.double).toBe(12)
      expect(
        yield* spawn(function* () {
          counter.increase()
          return counter.increase()
        }),
      ).toBe(7)
      expect(counter.count).toBe(6)
    }),
  )

  test(
    'it behaves like any object: delete, in, keys, spread, defineProperty',
    program(function* () {
      const local = new Local<{ a?: number; b?: number }>()
      Object.assign(local, { a: 1, b: 2 })
      delete local.a
      expect('a' in local).toBe(false)
      expect({ ...local }).toEqual({ b: 2 })
      expect(Object.getOwnPropertyDescriptor(local, 'b')).toMatchObject({ value: 2, enumerable: true })
      Object.defineProperty(local, 'c', { value: 3, configurable: true, enumerable: true })
      expect(JSON.stringify(local)).toBe('{"b":2,"c":3}')
    }),
  )

  test(
    'two Locals are independent',
    program(function* () {
      const [a, b] = [new Local<{ x?: number }>(), new Local<{ x?: number }>()]
      a.x = 1
      expect(b.x).toBeUndefined()
    }),
  )

  test(
    'the values of a greenlet are released when it ends',
    program(function* () {
      const local = new Local<{ big?: object }>()
      let kept: WeakRef<object> | undefined
      const event = new Event()
      const greenlet = spawn(function* () {
        local.big = { size: 1 }
        kept = new WeakRef(local.big)
        yield* event.wait()
      })
      yield* sleep(0)
      event.set()
      yield* greenlet.join()
      // The values are reachable through the greenlet only, which has released them.
      expect(greenlet._extras?.locals ?? null).toBeNull()
      expect(kept).toBeDefined()
    }),
  )

  test(
    'initialise sets or returns the initial values, for each greenlet anew',
    program(function* () {
      const set = new Local<{ count: number }>((local) => {
        local.count = 1
      })
      const returned = new Local(() => ({ count: 1 }))
      const assigned = new Local<{ user: { count: number } }>((local) => (local.user = { count: 1 }))
      set.count += 1
      returned.count += 1
      assigned.user.count += 1
      expect(yield* spawn(() => [set.count, returned.count, assigned.user.count])).toEqual([1, 1, 1])
      expect([set.count, returned.count, Object.keys(assigned)]).toEqual([2, 2, ['user']])
    }),
  )

  test('anything but a function is rejected', () => {
    expect(() => new Local(1 as never)).toThrow(TypeError)
  })

  test('plain code sees the values of main', () => {
    const local = new Local<{ value?: number }>()
    local.value = 1
    expect(local.value).toBe(1)
  })
})

test(
  'the fields of a subclass are initialised in each greenlet',
  program(function* () {
    let made = 0
    class Request extends Local<object> {
      headers: string[] = []
      id = ++made
      add(header: string): string[] {
        this.headers.push(header)
        return this.headers
      }
    }
    const request = new Request()
    request.add('main')
    const other = spawn(() => [request.add('other'), request.id, request.add('again')])
    expect(yield* other).toEqual([['other', 'again'], 2, ['other', 'again']])
    expect([request.headers, request.id]).toEqual([['main'], 1])
    expect(request).toBeInstanceOf(Request)
  }),
)

test(
  'the constructor of a subclass runs again in each greenlet, with what it passed to super, unless it takes other arguments',
  program(function* () {
    class Counted extends Local<{ from: number }> {
      count = 1
    }
    const counted = new Counted((local) => {
      local.from = 5
    }) as Counted & { from: number }
    counted.count = 2
    expect(yield* spawn(() => [counted.count, counted.from])).toEqual([1, 5])
    class Named extends Local<object> {
      name: string
      constructor(name: string) {
        super()
        this.name = name
      }
    }
    const named = new Named('main')
    expect(yield* spawn(() => named.name)).toBe(undefined)
    expect(named.name).toBe('main')
  }),
)

test(
  'the constructor of a subclass runs again with any arguments that it passed to super',
  program(function* () {
    class Named extends Local<{ name: string }> {
      constructor(name: string) {
        super(name as never)
        this.name = name
      }
    }
    const named = new Named('first')
    named.name = 'main'
    expect(yield* spawn(() => named.name)).toBe('first')
    expect(named.name).toBe('main')
    expect(() => new Local('first' as never)).toThrow(TypeError)
  }),
)

test(
  'an error of the constructor is thrown on each access until it succeeds',
  program(function* () {
    let fails = false
    class Flaky extends Local<object> {
      value = ((): number => {
        if (fails) throw new RangeError('not now')
        return 1
      })()
    }
    const flaky = new Flaky()
    fails = true
    const other = spawn(() => {
      expect(() => flaky.value).toThrow(RangeError)
      fails = false
      return flaky.value
    })
    expect(yield* other).toBe(1)
    expect(new Local<{ x?: number }>().x).toBe(undefined)
  }),
)

test('an object that inherits from a local has properties of its own', () => {
  const local = new Local<{ x?: number; y?: number }>(() => ({ x: 1 }))
  const heir = Object.create(local) as typeof local
  expect(heir.x).toBe(1)
  heir.x = 2
  heir.y = 3
  expect([local.x, local.y, heir.x, heir.y]).toEqual([1, undefined, 2, 3])
})
