import type { EventEmitter } from 'node:events'
import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { type CooperativeIterator, type Green, green, type Operation, original } from '@greenlit/core'
import axios, { type AxiosResponse } from 'axios'
import type * as undici from 'undici'
import { describe, expectTypeOf, test } from 'vitest'

describe('green(node:fs/promises)', () => {
  const fs = green({} as typeof import('node:fs/promises'))

  test('keeps the overloads, in their order', () => {
    expectTypeOf(fs.readFile('p', 'utf8')).toEqualTypeOf<Operation<string>>()
    expectTypeOf(fs.readFile('p', { encoding: 'utf8' })).toEqualTypeOf<Operation<string>>()
    expectTypeOf(fs.readFile('p')).toExtend<Operation<Uint8Array>>()
    expectTypeOf(fs.writeFile('p', 'text')).toEqualTypeOf<Operation<void>>()
    expectTypeOf(fs.readdir('p')).toEqualTypeOf<Operation<string[]>>()
    // @ts-expect-error a path is needed
    fs.readFile()
    // @ts-expect-error no such encoding
    fs.readFile('p', 'utf9')
  })

  test('returns views of objects that have blocking calls', () => {
    expectTypeOf(fs.open('p')).toEqualTypeOf<Operation<Green<FileHandle>>>()
    const handle = {} as Green<FileHandle>
    expectTypeOf(handle.close()).toEqualTypeOf<Operation<void>>()
    expectTypeOf(handle.fd).toEqualTypeOf<number>()
    expectTypeOf(handle.readFile('utf8')).toEqualTypeOf<Operation<string>>()
    expectTypeOf(fs.constants.R_OK).toEqualTypeOf<number>()
  })

  test('original returns the type of the module', () => {
    expectTypeOf(original<typeof import('node:fs/promises')>(fs)).toEqualTypeOf<typeof import('node:fs/promises')>()
  })
})

describe('green of the other modules of Node', () => {
  test('node:timers/promises keeps the type of the value', () => {
    const timers = green({} as typeof import('node:timers/promises'))
    expectTypeOf(timers.setTimeout(1, 'value')).toEqualTypeOf<Operation<string>>()
    expectTypeOf(timers.setImmediate(7)).toEqualTypeOf<Operation<number>>()
    expectTypeOf(timers.setTimeout(1)).toEqualTypeOf<Operation<undefined>>()
    expectTypeOf(timers.scheduler.wait(1)).toEqualTypeOf<Operation<void>>()
    const ticks = timers.setInterval(1, 'tick')
    expectTypeOf(ticks.iterate()).toExtend<CooperativeIterator<unknown>>()
    // @ts-expect-error a delay is a number
    timers.setTimeout('1')
  })

  test('node:dns/promises', () => {
    const dns = green({} as typeof import('node:dns/promises'))
    expectTypeOf(dns.lookup('h')).toEqualTypeOf<Operation<{ address: string; family: number }>>()
    expectTypeOf(dns.lookup('h', { all: true })).toEqualTypeOf<Operation<{ address: string; family: number }[]>>()
    expectTypeOf(dns.resolve4('h')).toEqualTypeOf<Operation<string[]>>()
    const resolver = new dns.Resolver()
    expectTypeOf(resolver.resolve4('h')).toEqualTypeOf<Operation<string[]>>()
    expectTypeOf(resolver.getServers()).toEqualTypeOf<string[]>()
  })
})

describe('green(axios)', () => {
  interface User {
    name: string
  }
  const http = green(axios)

  test('types the response, and its data as the caller declares it', () => {
    function* use() {
      const response = yield* http.get<User>('url')
      expectTypeOf(response.data).toEqualTypeOf<User>()
      expectTypeOf(response.status).toEqualTypeOf<number>()
      const whole: AxiosResponse<User> = response
      const other = yield* http.post('url', { a: 1 }, { timeout: 5 })
      expectTypeOf(other.statusText).toEqualTypeOf<string>()
      return whole
    }
    expectTypeOf(use).toBeFunction()
    // @ts-expect-error a URL is a string
    http.get(1)
  })

  test('returns views of instances, whether they are called or not', () => {
    const instance = http.create({ baseURL: 'url' })
    expectTypeOf(instance.get<User>('path')).toExtend<Operation<{ data: User; status: number }>>()
    expectTypeOf(instance<User>('path')).toExtend<Operation<{ data: User }>>()
    expectTypeOf(instance<User>({ url: 'path' })).toExtend<Operation<{ data: User }>>()
    expectTypeOf(instance.defaults.baseURL).toEqualTypeOf<string | undefined>()
    expectTypeOf(http.isCancel(1)).toEqualTypeOf<boolean>()
    expectTypeOf(http.isAxiosError).toBeFunction()
  })
})

describe('green(undici)', () => {
  const http = green({} as typeof undici)

  test('returns a view of the body of a response', () => {
    function* use() {
      const { statusCode, body } = yield* http.request('url')
      expectTypeOf(statusCode).toEqualTypeOf<number>()
      expectTypeOf(yield* body.text()).toEqualTypeOf<string>()
      const response = yield* http.fetch('url')
      expectTypeOf(response.status).toEqualTypeOf<number>()
      expectTypeOf(yield* response.text()).toEqualTypeOf<string>()
    }
    expectTypeOf(use).toBeFunction()
  })

  test('keeps classes', () => {
    const agent = new http.Agent({ connections: 1 })
    expectTypeOf(agent.closed).toEqualTypeOf<boolean>()
    expectTypeOf(agent.close()).toEqualTypeOf<Operation<void>>()
  })
})

describe('green of your own objects', () => {
  class Account {
    #balance = 0
    readonly owner = 'me'
    async deposit(amount: number): Promise<number> {
      this.#balance += amount
      return this.#balance
    }
    get balance(): number {
      return this.#balance
    }
    static async open(): Promise<Account> {
      return new Account()
    }
  }

  test('classes stay classes', () => {
    const Bank = green(Account)
    const account = new Bank()
    expectTypeOf(account.deposit(1)).toEqualTypeOf<Operation<number>>()
    expectTypeOf(account.balance).toEqualTypeOf<number>()
    expectTypeOf(Bank.open()).toEqualTypeOf<Operation<Green<Account>>>()
    expectTypeOf(original<Account>(account)).toEqualTypeOf<Account>()
    expectTypeOf(original(account)).toEqualTypeOf<unknown>()
    // @ts-expect-error an amount is a number
    account.deposit('1')
  })

  test('synchronous functions and data keep their types', () => {
    const thing = green({
      add: (a: number, b: number) => a + b,
      count: 1,
      list: ['a'],
      nested: { later: async (text: string) => text },
      loose: {} as unknown,
    })
    expectTypeOf(thing.add).toEqualTypeOf<(a: number, b: number) => number>()
    expectTypeOf(thing.count).toEqualTypeOf<number>()
    expectTypeOf(thing.list).toEqualTypeOf<string[]>()
    expectTypeOf(thing.nested.later('a')).toEqualTypeOf<Operation<string>>()
    expectTypeOf(thing.loose).toEqualTypeOf<unknown>()
  })

  test('single functions keep the type parameter of their promise', () => {
    expectTypeOf(green(async (text: string) => text.length)).toEqualTypeOf<(text: string) => Operation<number>>()
    const query = green({} as { query<Row>(sql: string): Promise<Row> })
    expectTypeOf(query.query<{ id: number }>('select')).toEqualTypeOf<Operation<{ id: number }>>()
    const database = green(
      {} as {
        query<Row>(sql: string, values?: unknown[]): Promise<Row>
        parse<T>(input: unknown): Promise<T>
        cached<T>(key: string, make: () => Promise<T>): Promise<T>
        save<Entity>(entity: Entity): Promise<Entity>
        later<T>(delay: number, value: T): Promise<T>
      },
    )
    expectTypeOf(database.query<{ id: number }>('select', [1])).toEqualTypeOf<Operation<{ id: number }>>()
    expectTypeOf(database.parse<{ id: number }>('a')).toEqualTypeOf<Operation<{ id: number }>>()
    expectTypeOf(database.cached<number>('a', async () => 1)).toEqualTypeOf<Operation<number>>()
    expectTypeOf(database.save({ id: 1 })).toEqualTypeOf<Operation<{ id: number }>>()
    expectTypeOf(database.later(1, 'a')).toEqualTypeOf<Operation<string>>()
    // @ts-expect-error there is nothing to save
    database.save()
    // @ts-expect-error a statement is a string
    database.query(1)
    const untyped = green({} as { parse(input: unknown): Promise<unknown> })
    expectTypeOf(untyped.parse('a')).toEqualTypeOf<Operation<unknown>>()
  })

  test('promises with methods of their own keep those', () => {
    interface Request extends Promise<Response> {
      json<T>(): Promise<T>
      cancel(): void
    }
    const got = green({} as (url: string) => Request)
    expectTypeOf(got('url').json<number[]>()).toEqualTypeOf<Operation<number[]>>()
    function* use() {
      const response = yield* got('url')
      expectTypeOf(yield* response.text()).toEqualTypeOf<string>()
    }
    expectTypeOf(use).toBeFunction()
  })

  test('functions with very many overloads keep the first ones', () => {
    interface Request extends Promise<{ statusCode: number }> {
      json<T>(): Promise<T>
    }
    interface Got {
      (url: string): Request
      (url: string, kind: 1): Request
      (url: string, kind: 2): Promise<2>
      (url: string, kind: 3): Promise<3>
      (url: string, kind: 4): Promise<4>
      (url: string, kind: 5): Promise<5>
      (url: string, kind: 6): Promise<6>
      (url: string, kind: 7): Promise<7>
      (url: string, kind: 8): Promise<8>
      (url: string, kind: 9): Promise<9>
      (url: string, kind: 10): Promise<10>
      (url: string, kind: 11): Promise<11>
      (url: string, kind: 12): Promise<12>
      (url: URL): Promise<URL>
    }
    const got = green({} as Got)
    expectTypeOf(got('url').json<number[]>()).toEqualTypeOf<Operation<number[]>>()
    expectTypeOf(got('url', 7)).toEqualTypeOf<Operation<7>>()
    expectTypeOf(got(new URL('http://host'))).toEqualTypeOf<Operation<URL>>()
  })

  test('emitters, streams and async iterables have blocking reads', () => {
    const emitter = green({} as EventEmitter)
    expectTypeOf(emitter.once('event')).toEqualTypeOf<Operation<unknown[]>>()
    expectTypeOf(emitter.once<[number]>('event')).toEqualTypeOf<Operation<[number]>>()
    emitter.once('event', () => {}).on('other', () => {})
    const stream = green({} as Readable)
    expectTypeOf(stream.read).returns.toExtend<Operation<unknown>>()
    expectTypeOf(stream.iterate()).toExtend<CooperativeIterator<unknown>>()
    const numbers = green(async function* () {
      yield 1
    })
    expectTypeOf(numbers().iterate()).toEqualTypeOf<CooperativeIterator<number>>()
    expectTypeOf(green(new EventTarget()).once('event')).toEqualTypeOf<Operation<[Event]>>()
  })
})

describe('green.callback', () => {
  test('drops the callback, and returns an operation of the values passed to it', () => {
    const legacy = green.callback(
      {} as {
        load(name: string, callback: (error: Error | null, text: string) => void): void
        save(name: string, done: (error?: Error) => void): void
        pair(callback: (error: unknown, a: number, b: string) => void): void
        sync(name: string): number
        watch(name: string, listener: (event: string) => void): void
      },
    )
    expectTypeOf(legacy.load('a')).toEqualTypeOf<Operation<string>>()
    expectTypeOf(legacy.save('a')).toEqualTypeOf<Operation<undefined>>()
    expectTypeOf(legacy.pair()).toEqualTypeOf<Operation<[a: number, b: string]>>()
    expectTypeOf(legacy.sync('a')).toEqualTypeOf<number>()
    legacy.watch('a', () => {})
    // @ts-expect-error a name is a string
    legacy.load(1)
  })

  test('applies to the results of calls, the values passed to callbacks and the instances of classes', () => {
    class Connection {
      on(_event: string, _listener: () => void): this {
        return this
      }
      once(_event: string, _listener: () => void): this {
        return this
      }
      removeListener(_event: string, _listener: () => void): this {
        return this
      }
      query(_text: string, callback: (error: Error | null, rows: string[]) => void): void {
        callback(null, [])
      }
    }
    const driver = green.callback(
      {} as {
        Connection: typeof Connection
        connect(options: object): Connection
        pooled(callback: (error: Error | null, connection: Connection) => void): void
      },
    )
    function* use() {
      expectTypeOf(yield* driver.connect({}).query('select')).toEqualTypeOf<string[]>()
      expectTypeOf(yield* new driver.Connection().query('select')).toEqualTypeOf<string[]>()
      expectTypeOf(yield* (yield* driver.pooled()).query('select')).toEqualTypeOf<string[]>()
    }
    expectTypeOf(use).toBeFunction()
  })

  test('returns an operation if one overload takes a callback and another is synchronous', () => {
    const random = green.callback(
      {} as {
        bytes(size: number): Uint8Array
        bytes(size: number, callback: (error: Error | null, bytes: Uint8Array) => void): void
      },
    )
    expectTypeOf(random.bytes(8)).toEqualTypeOf<Operation<Uint8Array>>()
  })

  test('gives streams that a function opens blocking calls', () => {
    const sink = green.callback({} as typeof import('node:fs')).createWriteStream('p')
    expectTypeOf(sink.write('text')).toEqualTypeOf<Operation<undefined>>()
    expectTypeOf(sink.end()).toEqualTypeOf<Operation<undefined>>()
    expectTypeOf(sink.once('open')).toExtend<Operation<unknown[]>>()
  })

  test('keeps overloads', () => {
    const fs = green.callback({} as typeof import('node:fs'))
    expectTypeOf(fs.readFile('p', 'utf8')).toEqualTypeOf<Operation<string>>()
    expectTypeOf(fs.existsSync('p')).toEqualTypeOf<boolean>()
  })
})
