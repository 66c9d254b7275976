import {
  ConcurrentObjectUseError,
  Empty,
  Full,
  Greenlet,
  Event as LocalEvent,
  Lock,
  PoolFull,
  Queue,
} from '@greenlit/core'
import {
  EOFError,
  Manager,
  Pipe,
  Process,
  registerClass,
  SerializationError,
  ThreadPool,
  transfer,
} from '@greenlit/process'
import { BrokenProcessPool, CancelledError, Future } from '@greenlit/process/futures'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { UNSHOWABLE } from '../../src/codec/errors.ts'
import { decode, encode, encodeError, pack } from '../../src/codec/payload.ts'

class Point {
  readonly x: number
  readonly y: number
  constructor(x: number, y: number) {
    this.x = x
    this.y = y
  }
}
registerClass('test.Point', Point, {
  encode: ({ x, y }) => [x, y],
  decode: ([x, y]: [number, number]) => new Point(x, y),
})

class CustomError extends RangeError {
  readonly detail: unknown
  constructor(message: string, detail: unknown) {
    super(message)
    this.name = 'CustomError'
    this.detail = detail
  }
}

const copy = <T>(value: T): T => decode(encode(value)) as T

describe('a value that is sent', () => {
  test.each([
    ['primitives', [undefined, null, true, -0, NaN, 10n, 'grüße', '']],
    ['containers', { list: [1, [2]], map: new Map([[{ a: 1 }, new Set([1])]]), date: new Date(5), pattern: /a+/gi }],
    ['bytes', [Buffer.from('abc'), new Uint8Array([1, 2]), new Float64Array([1.5]), new ArrayBuffer(3)]],
    ['an object with the fields of an encoded value', { value: 1, placeholders: [] }],
  ])('%s arrives as it was', (_name, value) => {
    expect(copy(value)).toEqual(value)
  })

  test('is the same however it is encoded: as bytes, as text if small and plain, or next to something that needs a placeholder', () => {
    const twice = { in: 'both' }
    const cycle: { map: Map<unknown, unknown>; set: Set<unknown>; list: unknown[] } = {
      map: new Map(),
      set: new Set([null, twice]),
      list: [null],
    }
    cycle.map.set(cycle, cycle.map).set('list', cycle.list)
    cycle.set.add(cycle.set).add(cycle.list)
    cycle.list.push(cycle.list, cycle)
    let deep: unknown = 'deepest'
    for (let depth = 0; depth < 40; depth += 1) deep = depth % 2 === 0 ? [deep] : { deep }
    const sparse = Object.assign([1], { 2: 3 })
    const values = [
      ...[undefined, null, true, 0, -0, NaN, Infinity, 10n, '', 'grüße', '\ud800', 'x'.repeat(10_000)],
      ...[{}, [], [null, undefined], { none: undefined }, sparse, Object.assign([1], { more: 2 }), new Array(20_000)],
      ...[[twice, twice], { a: twice, b: [twice] }, [twice, { in: 'both' }], cycle, deep, [[], [{}], { a: {} }]],
      ...[new Date(5), /a+/gi, new Uint16Array([1, 2]), new DataView(new ArrayBuffer(3), 1), new ArrayBuffer(2)],
      ...[Object(5), Object('text'), Object(false), new Map([[{}, new Set([1, {}])]]), { toJSON: 'text', a: 1 }],
      ...[JSON.parse('{"__proto__":{"a":1},"b":2}'), { text: 'x'.repeat(8_000), more: 'x'.repeat(8_000) }],
    ]
    for (const value of values) {
      const expected: unknown = structuredClone(value)
      const ways = [copy(value), decode(pack(value)), copy([value, new Error('beside')])[0]]
      for (const arrived of ways) expect(arrived).toStrictEqual(expected)
      for (const arrived of [decode(pack([value, value])), copy([value, value, new Error('beside')])] as unknown[][])
        expect(arrived[0]).toBe(arrived[1])
    }
  })

  test('errors are found anywhere in a value, and an error that occurs twice stays one object', () => {
    const error = new RangeError('one')
    const arrived = copy({
      list: [1, [null, error]],
      keys: new Map<unknown, unknown>([[error, 1]]),
      items: new Map<unknown, unknown>([[1, { error }]]),
      set: new Set<unknown>([0, error, { error }]),
    })
    const one = (arrived.list[1] as unknown[])[1]
    expect(one).toBeInstanceOf(RangeError)
    expect([...arrived.keys.keys(), ...arrived.items.values(), ...arrived.set].flat()).toEqual([
      one,
      { error: one },
      0,
      one,
      { error: one },
    ])
    expect([...arrived.keys.keys()][0]).toBe(one)
    expect([...arrived.set][1]).toBe(one)
    for (const alone of [
      [error],
      { error },
      new Map([[error, 1]]),
      new Map([[1, error]]),
      new Set([error]),
      [[], {}, error],
    ])
      expect(copy(alone)).toEqual(alone)
  })

  test('a class registered only by the sender is reported with how to register it', () => {
    class Elsewhere {}
    registerClass('test.elsewhere', Elsewhere)
    const { bytes } = encode([new Elsewhere()])
    const place = Buffer.from(bytes).indexOf('test.elsewhere')
    const renamed = Uint8Array.from(bytes)
    renamed.set(Buffer.from('test.elsewhen!'), place)
    expect(() => decode({ bytes: renamed })).toThrow('Expected the class test.elsewhen! to be registered here too')
  })

  test('each view arrives with a buffer of its own', () => {
    const [bytes, view] = copy([Buffer.from('abc'), new Uint16Array([1, 2]).subarray(1)] as const)
    expect(Buffer.isBuffer(bytes)).toBe(true)
    expect(view.buffer.byteLength).toBe(2)
    expect(view.constructor).toBe(Uint16Array)
  })

  test('shared references and cycles are preserved', () => {
    const shared = { point: new Point(1, 2) }
    const value: { a: object; b: object; self?: object } = { a: shared, b: shared }
    value.self = value
    const arrived = copy(value)
    expect(arrived.a).toBe(arrived.b)
    expect(arrived.self).toBe(arrived)
    expect((arrived.a as typeof shared).point).toBeInstanceOf(Point)
  })

  test('instances of registered classes keep their class, others become plain objects', () => {
    class Other {
      readonly z = 3
    }
    const arrived = copy({ point: new Point(1, 2), points: new Map([['p', new Point(3, 4)]]), other: new Other() })
    expect(arrived.point).toEqual(new Point(1, 2))
    expect(arrived.points.get('p')).toBeInstanceOf(Point)
    expect(arrived.other).toEqual({ z: 3 })
    expect(arrived.other).not.toBeInstanceOf(Other)
    expect(copy(new URL('http://127.0.0.1/a')).href).toBe('http://127.0.0.1/a')
  })

  test('errors keep class, name, message, stack, cause and their own properties', () => {
    const cause = new TypeError('inner')
    const error = copy(Object.assign(new RangeError('outer', { cause }), { code: 'X' }))
    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({ message: 'outer', code: 'X' })
    expect(error.cause).toBeInstanceOf(TypeError)
    expect(error.stack).toContain('payload.test')
    expect(copy([new Empty(), new Full(), new EOFError('end')])).toEqual([
      expect.any(Empty),
      expect.any(Full),
      expect.any(EOFError),
    ])
    for (const Kind of [PoolFull, ConcurrentObjectUseError, CancelledError, BrokenProcessPool]) {
      const kept = copy(new Kind('kept'))
      expect(kept).toBeInstanceOf(Kind)
      expect(kept).toMatchObject({ name: Kind.name, code: new Kind('kept').code, message: 'kept' })
    }
    const custom = copy(new CustomError('bad', { point: new Point(1, 2) }))
    expect(custom).toBeInstanceOf(RangeError)
    expect(custom).toMatchObject({ name: 'CustomError', message: 'bad', detail: { point: expect.any(Point) } })
    const group = copy(new AggregateError([new TypeError('one')], 'many'))
    expect(group.errors[0]).toBeInstanceOf(TypeError)
  })

  test('an error of a registered class keeps its class, and its constructor is not called', () => {
    class HttpError extends Error {
      readonly status: number
      constructor([status]: [number]) {
        super(`status ${status}`)
        this.status = status
      }
    }
    registerClass('test.HttpError', HttpError, {
      encode: ({ status }) => [status],
      decode: ([status]: [number]) => new HttpError([status]),
    })
    const error = copy(new HttpError([404]))
    expect(error).toBeInstanceOf(HttpError)
    expect(error).toMatchObject({ message: 'status 404', status: 404 })
  })

  test('an error that contains itself, or something that cannot be sent, still arrives', () => {
    const error = new Error('loop') as Error & { self?: Error }
    error.self = error
    const arrived = copy(error)
    expect(arrived.self).toBe(arrived)
    const holder = Object.assign(new RangeError('holds a function'), { nested: { run: () => 1 } })
    expect((decode(encodeError(holder)) as Error).message).toBe('holds a function')
    expect(decode(encodeError('text')) as string).toBe('text')
  })

  test('an error with throwing getters arrives with its message if it can be read, else with a fixed one', () => {
    const hides = (property: string) =>
      Object.defineProperty(new Error('words'), property, {
        get() {
          throw new Error('not now')
        },
      })
    const messages = [hides('stack'), hides('message'), { say() {}, toString: () => ({}) }].map(
      (thrown) => (decode(encodeError(thrown)) as Error).message,
    )
    expect(messages).toEqual(['words', UNSHOWABLE, UNSHOWABLE])
  })

  test('a value whose getter throws is refused with a SerializationError', () => {
    const throwing = {
      get now() {
        throw new Error('not now')
      },
    }
    for (const make of [encode, pack]) {
      expect(() => make(throwing)).toThrow(SerializationError)
      expect(() => make(throwing)).toThrow('not now')
    }
  })

  test('the error for an unsendable value names its path and the class that contains it', () => {
    class Task {
      readonly steps = [{ run: () => 1 }]
    }
    expect(() => encode([7, new Task()])).toThrow(
      /could not be cloned\. It is at \[1\]\.steps\[0\]\.run, in an object of Task\.$/,
    )
    expect(() => encode({ jobs: new Map([['one', Promise.resolve()]]) })).toThrow(/It is at \.jobs\.get\(one\)\.$/)
    expect(() => encode([(function* () {})()])).toThrow(/It is at \[0\]\.$/)
    const [open, closed] = Pipe()
    expect(() => encode([open, () => {}])).toThrow(/It is at \[1\]\.$/)
    closed.close()
    expect(() => encode([closed])).toThrow(/: handle is closed$/)
    expect(() => encode(() => 1)).toThrow(/could not be cloned\.$/)
  })

  test('a queue or a lock of the core is refused, and the message says which package has sendable ones', () => {
    for (const local of [new Queue(), new Lock(), new LocalEvent()])
      expect(() => encode([local])).toThrow(/ of @greenlit\/core is for one process; @greenlit\/process has/)
  })

  test('refuses what stays in the process that made it, by name', () => {
    const process = new Process({ target: { module: 'node:os', export: 'platform' } })
    for (const local of [process, new Manager(), new ThreadPool(1), new Future(), new Greenlet(() => 1)]) {
      const message = `Expected a value that can be sent: a ${local.constructor.name} stays in the process that made it.`
      expect(() => encode(local)).toThrow(message)
      expect(() => encode({ jobs: [local] })).toThrow(`${message} It is at .jobs[0].`)
    }
  })

  test('every kind of view keeps its type', () => {
    const { Float16Array } = globalThis as { Float16Array?: typeof Float32Array }
    const views = [new Uint8Array([1, 2]).subarray(1), new DataView(new ArrayBuffer(3), 1, 2), new Float64Array([NaN])]
    if (Float16Array !== undefined) views.push(new Float16Array([1.5]) as never)
    expect(copy(views)).toEqual(views)
  })

  test('what cannot be sent is refused at once', () => {
    for (const bad of [() => 1, { deep: [Symbol('s')] }, new WeakMap(), Promise.resolve()])
      expect(() => encode(bad)).toThrow(SerializationError)
    expect(() => encode(() => 1)).toThrow('could not be cloned')
  })

  test('next to an error, unsendable values are refused too, and sendable ones lose nothing', () => {
    const beside = (value: unknown) => ({ value, error: new Error('beside') })
    const weak = new WeakRef({})
    for (const bad of [
      weak,
      [1].values(),
      (function* () {
        yield 1
      })(),
      new Intl.Collator(),
    ])
      expect(() => encode(beside(bad))).toThrow(SerializationError)
    expect(copy(beside(Object(10n))).value).toEqual(Object(10n))
    class Tagged {
      readonly tagged = true
      get [Symbol.toStringTag]() {
        return 'Tagged'
      }
    }
    expect(copy(beside(new Tagged())).value).toEqual({ tagged: true })
    const { value } = copy(beside(JSON.parse('{"__proto__":{"a":1},"b":2}')))
    expect(Object.entries(value as object)).toEqual([
      ['__proto__', { a: 1 }],
      ['b', 2],
    ])
  })

  test('shared memory stays shared between threads', () => {
    const memory = new SharedArrayBuffer(8)
    const payload = encode({ memory, view: new Int32Array(memory, 4) })
    expect(payload.extras).toEqual([memory])
    const arrived = decode(payload) as { memory: SharedArrayBuffer; view: Int32Array }
    arrived.view[0] = 7
    expect(new Int32Array(memory)[1]).toBe(7)
  })
})

describe('transfer', () => {
  test('refuses anything but a list of buffers and ports', () => {
    for (const bad of [undefined, new ArrayBuffer(1), [5], [null]])
      expect(() => transfer({}, bad as never)).toThrow('Expected `transfers` to be an array of buffers and ports')
  })
})

describe('registerClass', () => {
  test('refuses a name that is taken, and invalid arguments', () => {
    expect(() => registerClass('test.Point', CustomError)).toThrow('another class')
    expect(() => registerClass('', Point)).toThrow('Expected `name`')
    expect(() => registerClass('x', {} as never)).toThrow('Expected `registeredClass`')
    expect(() => registerClass('x', Error, { encode: 'x' as never })).toThrow('Expected `encode` to be a function')
  })
})

test('nothing is encoded when the package is imported: Bun has no serializer, but runs programs and sockets', async () => {
  class Missing {
    constructor() {
      throw new Error('not implemented')
    }
  }
  vi.resetModules()
  vi.doMock('node:v8', () => ({ Serializer: Missing, Deserializer: Missing }))
  onTestFinished(() => {
    vi.doUnmock('node:v8')
    vi.resetModules()
  })
  const { encode: encodeThere } = await import('../../src/codec/payload.ts')
  expect(() => encodeThere(1)).toThrow('not implemented')
})
