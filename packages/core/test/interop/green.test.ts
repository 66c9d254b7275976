import { EventEmitter } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { inspect, promisify } from 'node:util'
import { runInNewContext } from 'node:vm'
import { each, green, original, sleep, spawn, until, withTimeout } from '@greenlit/core'
import { describe, expect, it } from 'vitest'
import { program, raisedBy, thrownBy, turns } from '../support.ts'

class Account {
  static opened = 0
  #balance = 0
  readonly owner: string

  constructor(owner: string) {
    this.owner = owner
    Account.opened += 1
  }

  deposit(amount: number): Promise<number> {
    this.#balance += amount
    return Promise.resolve(this.#balance)
  }

  async depositLater(amount: number): Promise<number> {
    await null
    return this.deposit(amount)
  }

  get balance(): number {
    return this.#balance
  }

  set balance(balance: number) {
    this.#balance = balance
  }

  peek(): number {
    return this.#balance
  }

  self(): this {
    return this
  }

  static async open(owner: string): Promise<Account> {
    return new Account(owner)
  }
}

describe('a view', () => {
  it('is the same for the same object, and the view of a view is itself', () => {
    const thing = { inner: { later: async () => 1 }, sync: () => 2 }
    const view = green(thing)
    expect(green(thing)).toBe(view)
    expect(green(view as object)).toBe(view)
    expect(view.inner).toBe(view.inner)
    expect(view.inner).toBe(green(thing.inner))
    expect(view.sync).toBe(view.sync)
    expect(original(view)).toBe(thing)
    expect(original(view.inner)).toBe(thing.inner)
    expect(original(thing)).toBe(thing)
    expect(original(7)).toBe(7)
  })

  it(
    'returns an operation in place of a promise, and synchronous results unchanged',
    program(function* () {
      const view = green(new Account('me'))
      expect(yield* view.deposit(5)).toBe(5)
      expect(yield* view.depositLater(5)).toBe(10)
      expect(view.peek()).toBe(10)
    }),
  )

  it('returns operations that may be awaited in plain code', async () => {
    const view = green(new Account('me'))
    expect(await view.deposit(5)).toBe(5)
    expect(await view.depositLater(5)).toBe(10)
    expect(await Promise.all([view.deposit(1), view.deposit(1)])).toEqual([11, 12])
  })

  it(
    'throws the rejection of the promise, and errors that the function throws synchronously',
    program(function* () {
      const error = new Error('no')
      const view = green({
        later: () => Promise.reject(error),
        rejectsWithNothing: () => Promise.reject(),
        atOnce: (): number => {
          throw error
        },
      })
      expect(yield* raisedBy(view.later())).toBe(error)
      expect(yield* raisedBy(view.rejectsWithNothing())).toBe(undefined)
      expect(thrownBy(() => view.atOnce())).toBe(error)
    }),
  )

  it(
    'does not report a rejection that comes before the operation is waited for',
    program(function* () {
      const unhandled: unknown[] = []
      const listener = (error: unknown) => unhandled.push(error)
      process.on('unhandledRejection', listener)
      const operation = green({ later: () => Promise.reject(new Error('early')) }).later()
      yield* until(new Promise((resolve) => setImmediate(resolve)))
      expect(yield* raisedBy(operation)).toMatchObject({ message: 'early' })
      process.off('unhandledRejection', listener)
      expect(unhandled).toEqual([])
    }),
  )

  it('calls an async function only when its operation is waited for', async () => {
    let calls = 0
    const view = green({ work: async () => ++calls })
    const operation = view.work()
    expect(calls).toBe(0)
    expect(await operation).toBe(1)
  })

  it('passes `this` on, so that private fields, getters and setters work', () => {
    const account = new Account('me')
    const view = green(account)
    view.balance = 3
    expect(view.balance).toBe(3)
    expect(account.balance).toBe(3)
    expect(view.self()).toBe(view)
    expect(green({ self: (thing: unknown) => thing === account }).self(view)).toBe(true)
  })

  it(
    'unwraps views among the arguments, also inside options and lists',
    program(function* () {
      const account = new Account('me')
      const view = green(account)
      const bank = green({
        async take(thing: unknown, options: { account?: unknown }, list: unknown[]) {
          return [thing === account, options.account === account, list[0] === account]
        },
      })
      expect(yield* bank.take(view, { account: view }, [view])).toEqual([true, true, true])
    }),
  )

  it(
    'finds functions in nested namespaces',
    program(function* () {
      const client = green({ api: { v1: { users: { get: async (id: number) => `user ${id}` } } } })
      expect(yield* client.api.v1.users.get(1)).toBe('user 1')
    }),
  )

  it('searches data once, even if all its parts refer back to it', () => {
    let searches = 0
    const tree: Record<string, unknown> = new Proxy({} as Record<string, unknown>, {
      ownKeys(target) {
        searches += 1
        return Reflect.ownKeys(target)
      },
    })
    for (let index = 0; index < 50; index += 1) tree[`child${index}`] = { tree }
    expect(green({ read: () => tree }).read()).toBe(tree)
    expect(searches).toBe(1)
  })

  it('keeps classes: new, instanceof, static members, subclasses of the original', () => {
    const Bank = green(Account)
    const account = new Bank('me')
    expect(account.owner).toBe('me')
    expect(account).toBeInstanceOf(Account)
    expect(account).toBeInstanceOf(Bank)
    expect(new Account('you')).toBeInstanceOf(Bank)
    expect({}).not.toBeInstanceOf(Bank)
    expect(original(account)).toBeInstanceOf(Account)
    expect(account.constructor).toBe(Bank)
    Bank.opened = 0
    expect(Account.opened).toBe(0)
    class Savings extends Account {}
    expect(new (green(Savings))('me')).toBeInstanceOf(Bank)
    expect(thrownBy(() => (Bank as unknown as () => void)())).toBeInstanceOf(TypeError)
    expect(thrownBy(() => new (green(() => {}) as unknown as new () => object)())).toBeInstanceOf(TypeError)
  })

  it('of a class may be extended, which extends the original', async () => {
    const Bank = green(Account) as unknown as typeof Account
    class Savings extends Bank {
      #rate = 2
      get rate(): number {
        return this.#rate
      }
    }
    const savings = new Savings('me')
    expect(savings.rate).toBe(2)
    expect(savings).toBeInstanceOf(Savings)
    expect(await savings.deposit(1)).toBe(1)
  })

  it('calls a function itself, even if it has a promisify.custom one', () => {
    const wait = Object.assign((done: () => void) => done, { [promisify.custom]: async () => 'promised' })
    const done = () => {}
    expect(green({ wait }).wait(done)).toBe(green(done))
  })

  it('passes lists and options on as they are, unless they contain views', () => {
    const thing = green({ same: (...args: unknown[]) => new Map(args.entries()) })
    const [list, options, account] = [[1], { a: 1 }, new Account('me')]
    const given = thing.same(list, options, [green(account)], { account: green(account) })
    expect(given.get(0)).toBe(list)
    expect(given.get(1)).toBe(options)
    expect(given.get(2)).toEqual([account])
    expect((given.get(2) as unknown[])[0]).toBe(account)
    expect((given.get(3) as { account: unknown }).account).toBe(account)
  })

  it('lets objects that inherit from it have properties of their own, and passes them to getters as `this`', () => {
    class Model {
      static count = 0
      static get table(): string {
        // biome-ignore lint/complexity/noThisInStatic: the test is about which class `this` is
        return this.name.toLowerCase()
      }
    }
    class User extends (green(Model) as unknown as typeof Model) {}
    User.count += 1
    expect([User.count, Model.count]).toEqual([1, 0])
    expect(User.table).toBe('user')
    const heir = Object.create(green(Model)) as { count: number }
    heir.count = 2
    expect(Model.count).toBe(0)
  })

  it('of a platform object may be passed to the platform', async () => {
    const form = new FormData()
    form.append('file', green(new Blob(['content'])) as unknown as Blob)
    expect(await (form.get('file') as File).text()).toBe('content')
  })

  it(
    'returns views of instances, and data unchanged',
    program(function* () {
      const list = [{ a: 1 }]
      const map = new Map()
      const bytes = new Uint8Array(1)
      const bank = green({
        open: () => Account.open('me'),
        list: async () => list,
        map: async () => map,
        bytes: async () => bytes,
        record: async () => ({ account: new Account('held'), size: 1 }),
        nothing: async () => null,
      })
      const account = yield* bank.open()
      expect(yield* account.deposit(2)).toBe(2)
      expect(yield* bank.list()).toBe(list)
      expect(yield* bank.map()).toBe(map)
      expect(yield* bank.bytes()).toBe(bytes)
      expect(yield* bank.nothing()).toBe(null)
      const record = yield* bank.record()
      expect(record.size).toBe(1)
      expect(yield* record.account.deposit(3)).toBe(3)
    }),
  )

  it('behaves like the object: keys, in, delete, defineProperty, spread, symbols, JSON', () => {
    const tag = Symbol('tag')
    const thing: Record<string | symbol, unknown> = { a: 1, b: { c: 2 }, [tag]: 'tagged', work: async () => 1 }
    const view = green(thing) as typeof thing
    expect(Object.keys(view)).toEqual(['a', 'b', 'work'])
    expect(Reflect.ownKeys(view)).toEqual(['a', 'b', 'work', tag])
    expect('a' in view).toBe(true)
    expect('z' in view).toBe(false)
    expect(view[tag]).toBe('tagged')
    expect(delete view.a).toBe(true)
    expect('a' in thing).toBe(false)
    Object.defineProperty(view, 'd', { value: 4, configurable: true, enumerable: true })
    expect(thing.d).toBe(4)
    expect({ ...view }.d).toBe(4)
    expect(JSON.stringify(view)).toBe('{"b":{"c":2},"d":4}')
    expect(Object.getPrototypeOf(view)).toBe(Object.prototype)
    expect(inspect(green({ x: 1 }))).toBe(inspect({ x: 1 }))
    expect(Object.hasOwn(view, 'z')).toBe(false)
    const own = green({
      get now() {
        return 5
      },
    })
    expect(Object.getOwnPropertyDescriptor(own, 'now')!.get!()).toBe(5)
    expect([...green(new (class Pair extends Set<number> {})([1, 2]))]).toEqual([1, 2])
    expect(thrownBy(() => Object.freeze(view))).toBeInstanceOf(TypeError)
    expect(Object.isFrozen(thing)).toBe(false)
    expect(typeof green(() => 1)).toBe('function')
    expect(green(function named() {}).name).toBe('named')
  })

  it(
    'works for frozen objects and properties that cannot be changed',
    program(function* () {
      const inner = Object.freeze({ later: async () => 'inner' })
      const frozen = green(Object.freeze({ later: async () => 'outer', inner }))
      expect(yield* frozen.later()).toBe('outer')
      expect(yield* frozen.inner.later()).toBe('inner')
      expect(Object.keys(frozen)).toEqual(['later', 'inner'])
      expect(Object.getOwnPropertyDescriptor(frozen, 'inner')!.value).toBe(frozen.inner)
      expect(Reflect.set(frozen, 'inner', 1)).toBe(false)
      expect(Reflect.deleteProperty(frozen, 'inner')).toBe(false)
      class Fixed {}
      Object.defineProperty(Fixed, 'later', { value: async () => 'fixed' })
      expect(
        yield* (green(Fixed) as unknown as { later(): PromiseLike<string> & Iterable<never, string> }).later(),
      ).toBe('fixed')
      expect(Object.getOwnPropertyNames(green(Fixed))).toEqual(Object.getOwnPropertyNames(Fixed))
    }),
  )

  it(
    'may be made of a module',
    program(function* () {
      const module = green(yield* until(import('node:fs/promises')))
      expect(Object.keys(module)).toContain('readFile')
      expect((yield* module.stat('.')).isDirectory()).toBe(true)
    }),
  )

  it(
    'waits for thenables that are not promises, anew each time, and keeps their other methods',
    program(function* () {
      class Query {
        readonly parts: string[] = []
        runs = 0
        where(part: string): this {
          this.parts.push(part)
          return this
        }
        then<R>(done: (value: string) => R): void {
          this.runs += 1
          done(`rows where ${this.parts.join(' and ')}`)
        }
      }
      const database = green({ select: () => new Query() }) as unknown as {
        select(): { where(part: string): PromiseLike<string> & Iterable<never, string> & { runs: number } }
      }
      const query = database.select().where('a')
      expect(query.runs).toBe(0)
      expect(yield* query).toBe('rows where a')
      expect(yield* query).toBe('rows where a')
      expect(query.runs).toBe(2)
    }),
  )

  it(
    'turns promises with methods into operations with methods',
    program(function* () {
      const got = green(() =>
        Object.assign(Promise.resolve('whole'), { json: () => Promise.resolve({ a: 1 }), cancelled: false }),
      )
      expect(yield* got()).toBe('whole')
      expect(yield* got().json()).toEqual({ a: 1 })
      expect(got().cancelled).toBe(false)
    }),
  )

  it('handles a rejection, even of a promise of another realm', async () => {
    const rejections: unknown[] = []
    const note = (error: unknown) => void rejections.push(error)
    process.on('unhandledRejection', note)
    try {
      const foreign = runInNewContext('({ fail: () => Promise.reject(new Error("no")) })') as { fail(): Promise<never> }
      green(foreign).fail()
      await new Promise((resolve) => setImmediate(resolve))
      expect(rejections).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })

  it(
    'turns a promise in a property into an operation',
    program(function* () {
      const view = green({ ready: Promise.resolve(7) })
      expect(yield* view.ready).toBe(7)
      expect(yield* view.ready).toBe(7)
    }),
  )

  it(
    'leaves coroutines and operations unchanged',
    program(function* () {
      const view = green({
        *work() {
          yield* sleep(0)
          return 1
        },
        rest: () => sleep(0),
      })
      expect(yield* view.work()).toBe(1)
      expect(yield* view.rest()).toBe(undefined)
    }),
  )

  it('may be made only of an object or a function', () => {
    for (const thing of [1, 'a', null, undefined]) {
      expect(String(thrownBy(() => green(thing as never)))).toContain('Expected `thing` to be an object or a function')
      expect(thrownBy(() => green.callback(thing as never))).toBeInstanceOf(TypeError)
    }
  })
})

describe('blocking reads of a view', () => {
  it(
    'once waits for an event of an emitter, and with a listener is the emitter’s own method',
    program(function* () {
      const emitter = new EventEmitter()
      const view = green(emitter)
      const heard: unknown[] = []
      expect(view.once('a', (value: unknown) => void heard.push(value))).toBe(view)
      const waiter = spawn(() => view.once('a'))
      yield* turns(1)
      emitter.emit('a', 1)
      expect(yield* waiter).toEqual([1])
      expect(heard).toEqual([1])
      const events = green(new EventTarget())
      const event = spawn(() => events.once('x'))
      yield* turns(1)
      events.dispatchEvent(new Event('x'))
      expect((yield* event)[0].type).toBe('x')
    }),
  )

  it(
    'read waits for the next chunk of a stream, and returns undefined at its end',
    program(function* () {
      const pipe = new PassThrough()
      const view = green(pipe)
      const reader = spawn(function* () {
        const chunks: string[] = []
        for (let chunk = yield* view.read(); chunk !== undefined; chunk = yield* view.read()) chunks.push(String(chunk))
        return chunks
      })
      yield* turns(2)
      pipe.write('one')
      yield* sleep(5)
      pipe.end('two')
      expect(yield* reader).toEqual(['one', 'two'])
      expect(pipe.listenerCount('readable')).toBe(0)
    }),
  )

  it(
    'read returns undefined for an empty stream, throws for a broken one, and with a size waits for that much',
    program(function* () {
      expect(yield* green(Readable.from([])).read()).toBe(undefined)
      const broken = new Readable({ read() {} })
      const waiter = spawn(() => raisedBy(green(broken).read()))
      yield* turns(1)
      broken.destroy(new Error('cut'))
      expect(yield* waiter).toMatchObject({ message: 'cut' })
      const pipe = new PassThrough()
      const sized = spawn(() => green(pipe).read(4))
      yield* turns(1)
      pipe.write('ab')
      yield* sleep(1)
      expect(sized.ready()).toBe(false)
      pipe.write('cd')
      expect(String(yield* sized)).toBe('abcd')
    }),
  )

  it(
    'read returns undefined at once for a stream that has already ended or was destroyed',
    program(function* () {
      const destroyed = new Readable({ read() {} }).destroy()
      yield* until(new Promise((resolve) => destroyed.once('close', resolve)))
      expect(yield* withTimeout(1000, () => green(destroyed).read())).toBe(undefined)
      const ended = new Readable({ autoDestroy: false, read() {} })
      ended.push(null)
      ended.resume()
      yield* until(new Promise((resolve) => ended.once('end', resolve)))
      expect(yield* withTimeout(1000, () => green(ended).read())).toBe(undefined)
    }),
  )

  it(
    'iterate and each work on async iterables',
    program(function* () {
      const numbers = green(async function* (to: number) {
        for (let index = 1; index <= to; index += 1) yield index
      })
      const seen: number[] = []
      yield* each(numbers(3), (item) => void seen.push(item))
      yield* each(numbers(2).iterate(), (item) => void seen.push(item))
      const iterator = numbers(1)
      expect(yield* iterator.next()).toEqual({ done: false, value: 1 })
      expect((yield* iterator.next()).done).toBe(true)
      expect(seen).toEqual([1, 2, 3, 1, 2])
      const lines: string[] = []
      yield* each(green(Readable.from(['a', 'b'])), (line) => void lines.push(line))
      expect(lines).toEqual(['a', 'b'])
    }),
  )

  it(
    'an object that is neither an emitter nor a stream keeps its own once, read and iterate',
    program(function* () {
      class Archive {
        once(name: string) {
          return `once ${name}`
        }
        async read(place: number) {
          return `read ${place}`
        }
        on() {
          return 'on'
        }
        iterate() {
          return 'iterate'
        }
        async *[Symbol.asyncIterator]() {
          yield 1
        }
      }
      const archive = green(new Archive())
      expect([archive.once('a'), yield* archive.read(7), archive.iterate()]).toEqual(['once a', 'read 7', 'iterate'])
    }),
  )

  it('for await works in plain code as on the object itself', async () => {
    const seen: number[] = []
    const numbers = green(async function* () {
      yield 1
      yield 2
    })
    for await (const item of numbers() as unknown as AsyncIterable<number>) seen.push(item)
    expect(seen).toEqual([1, 2])
  })
})

describe('killing a call through a view', () => {
  /** A function whose promise never settles unless its signal is aborted, and the last signal it was passed. */
  function watched() {
    const state = { signal: undefined as AbortSignal | undefined }
    const never = (signal: AbortSignal | undefined) => {
      state.signal = signal
      return new Promise<never>((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    }
    return { state, never }
  }

  function* killing(waiter: () => unknown) {
    const greenlet = spawn(waiter)
    yield* sleep(1)
    yield* greenlet.kill()
  }

  it(
    'aborts it if the function takes options with a signal',
    program(function* () {
      const { state, never } = watched()
      const view = green({
        destructured: (_path: string, { signal }: { signal?: AbortSignal } = {}) => never(signal),
        named: (_path: string, options?: { signal?: AbortSignal }) => never(options?.signal),
        async lazy(options: { signal?: AbortSignal } = {}) {
          await never(options.signal)
        },
        oddly: (_path: string, o: { signal?: AbortSignal } = {}) => never(o.signal),
        apart: (_path: string, o?: { signal?: AbortSignal }) => {
          const { signal } = o ?? {}
          return never(signal)
        },
        takenApart: (_path: string, $o: { signal?: AbortSignal } = {}) => {
          const { signal } = $o
          return never(signal)
        },
        delegated: (path: string, options: object) => view.oddly(path, { ...options }),
        // Its source text is hidden.
        bound: ((_path: string, o: { signal?: AbortSignal | undefined }) => never(o.signal)).bind(undefined),
      })
      const calls = [
        () => view.destructured('a'),
        () => view.destructured('a', {}),
        () => view.named('a'),
        () => view.named('a', {}),
        () => view.lazy(),
        () => view.oddly('a', {}),
        () => view.oddly('a'),
        () => view.apart('a', { signal: undefined } as object),
        () => view.takenApart('a'),
        () => view.delegated('a', {}),
        () => view.bound('a', { signal: undefined }),
        () => view.bound('a', { signal: new AbortController().signal }),
      ]
      for (const call of calls) {
        state.signal = undefined
        yield* killing(call)
        expect([String(call), (state.signal as AbortSignal | undefined)?.aborted]).toEqual([String(call), true])
      }
    }),
  )

  it(
    'aborts it, as does a timeout, but not once it has ended',
    program(function* () {
      const { state, never } = watched()
      const view = green({ work: (options?: { signal?: AbortSignal }) => never(options?.signal) })
      yield* withTimeout(1, () => view.work(), { timeoutValue: undefined })
      expect(state.signal!.aborted).toBe(true)
      const ended = green({
        async work(options?: { signal?: AbortSignal }) {
          state.signal = options?.signal
        },
      })
      yield* ended.work()
      expect(state.signal!.aborted).toBe(false)
    }),
  )

  it(
    "keeps the caller's own signal working, and leaves the options object unchanged",
    program(function* () {
      const { state, never } = watched()
      const view = green((options: { signal?: AbortSignal }) => never(options.signal))
      const controller = new AbortController()
      const options = Object.freeze({ signal: controller.signal })
      yield* killing(() => view(options))
      expect(state.signal!.aborted).toBe(true)
      expect(controller.signal.aborted).toBe(false)
      const waiter = spawn(() => raisedBy(view(options)))
      yield* turns(1)
      controller.abort(new Error('by the caller'))
      expect(yield* waiter).toMatchObject({ message: 'by the caller' })
    }),
  )

  it(
    'aborts it if a plain function returns a promise with methods of its own',
    program(function* () {
      const { state, never } = watched()
      const got = green((_url: string, options: { signal?: AbortSignal } = {}) =>
        Object.assign(never(options.signal), { json: () => never(options.signal) }),
      )
      yield* killing(() => got('url'))
      expect(state.signal!.aborted).toBe(true)
    }),
  )

  it(
    'adds no signal to options that the function might reject or keep',
    program(function* () {
      const seen: object[] = []
      const service = { build: async (given: object) => void seen.push(given) }
      const view = green({
        build: (options: object) => service.build(options),
        connect: (_url: string, options: object) => service.build(options),
        createPool: async (config: object) => service.build({ ...config }),
        keep: (settings: object) => settings,
      })
      const given = { minify: true }
      yield* view.build(given)
      yield* view.connect('url', given)
      yield* view.createPool(given)
      expect(seen).toEqual([given, given, given])
      expect(view.keep(given)).toBe(given)
    }),
  )

  it(
    'never adds a signal to data',
    program(function* () {
      const seen: unknown[] = []
      const take = (...args: unknown[]) => {
        seen.push(...args)
        return Promise.resolve()
      }
      const view = green({
        post: (_url: string, data: object) => take(data),
        insert: (row: object) => take(row),
        limited: (row: object) => take(row, { signal: AbortSignal.timeout(1000) }.signal === undefined ? 1 : row),
        ended: (options: { signal: string }) => take(options),
        variadic: (...rows: object[]) => take(...rows),
      })
      const row = { a: 1 }
      yield* view.post('url', row)
      yield* view.insert(row)
      yield* view.limited(row)
      yield* view.ended(Object.freeze({ signal: 'SIGTERM' }))
      expect(seen.pop()).toEqual({ signal: 'SIGTERM' })
      yield* view.variadic(row, row)
      expect(seen.every((item) => item === row)).toBe(true)
    }),
  )

  it(
    'does not affect work that takes no signal, whose outcome is ignored',
    program(function* () {
      let finish: ((error: Error) => void) | undefined
      const view = green({
        work: () =>
          new Promise<never>((_resolve, reject) => {
            finish = reject
          }),
      })
      yield* killing(() => view.work())
      finish!(new Error('too late'))
      yield* sleep(1)
    }),
  )
})
