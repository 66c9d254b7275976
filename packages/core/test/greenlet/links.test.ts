import { AsyncResult, Event, Greenlet, GreenletExit, Queue, sleep, spawn, withGreenlet } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy, turns } from '../support.ts'

function* ends() {
  yield* sleep(0)
  return 5
}

function* fails() {
  yield* sleep(0)
  throw new RangeError('boom')
}

describe('links', () => {
  test(
    'rawlinks, links and joiners are notified in the order in which they were added',
    program(function* () {
      const log: string[] = []
      const greenlet = spawn(function* () {
        log.push('run')
      })
      greenlet.rawlink(() => log.push('raw1'))
      greenlet.link(() => log.push('link2'))
      greenlet.rawlink(() => log.push('raw3'))
      yield* greenlet.join()
      log.push('joined')
      expect(log).toEqual(['run', 'raw1', 'link2', 'raw3', 'joined'])
    }),
  )

  test(
    'a callback is called once, with the greenlet',
    program(function* () {
      const seen: unknown[] = []
      const greenlet = spawn(ends)
      greenlet.link((source) => seen.push(source))
      yield* greenlet.join()
      yield* turns(2)
      expect(seen.length).toBe(1)
      expect(seen[0]).toBe(greenlet)
      expect(greenlet.linkCount()).toBe(0)
    }),
  )

  test(
    'a link added after the greenlet has ended is still called, in a later turn',
    program(function* () {
      const log: string[] = []
      const greenlet = spawn(ends)
      yield* greenlet.join()
      greenlet.rawlink(() => log.push('raw'))
      greenlet.link(() => log.push('link'))
      expect(log).toEqual([])
      yield* turns(2)
      expect(log).toEqual(['raw', 'link'])
      greenlet.rawlink(() => log.push('long after'))
      yield* turns(1)
      expect(log).toEqual(['raw', 'link', 'long after'])
    }),
  )

  test(
    'linkValue and linkException callbacks are called only on success and on failure',
    program(function* () {
      collectReports()
      const log: string[] = []
      const [good, bad] = [spawn(ends), spawn(fails)]
      for (const [name, greenlet] of [
        ['good', good],
        ['bad', bad],
      ] as const) {
        greenlet.linkValue(() => log.push(`${name} value`))
        greenlet.linkException(() => log.push(`${name} exception`))
        greenlet.link(() => log.push(`${name} any`))
      }
      yield* turns(4)
      expect(log).toEqual(['good value', 'good any', 'bad exception', 'bad any'])
    }),
  )

  test(
    'being killed counts as a value',
    program(function* () {
      const log: string[] = []
      const greenlet = spawn(() => sleep(10_000))
      yield* sleep(0)
      greenlet.linkValue(() => log.push('value'))
      greenlet.linkException(() => log.push('exception'))
      yield* greenlet.kill()
      yield* turns(2)
      expect(log).toEqual(['value'])
    }),
  )

  test(
    'a link may block without holding up later ones',
    program(function* () {
      const log: string[] = []
      const greenlet = spawn(ends)
      greenlet.link(function* () {
        log.push('begins')
        yield* sleep(5)
        log.push('ends')
      })
      greenlet.link(() => log.push('second'))
      yield* greenlet.join()
      expect(log).toEqual(['begins', 'second'])
      yield* sleep(10)
      expect(log).toEqual(['begins', 'second', 'ends'])
    }),
  )

  test(
    'a rawlink that blocks or throws is reported, and the next one is called',
    program(function* () {
      const reports = collectReports()
      const log: string[] = []
      const greenlet = spawn(ends)
      greenlet.rawlink(function* blocks() {
        yield* sleep(0)
      })
      greenlet.rawlink(function fails() {
        throw new RangeError('boom')
      })
      greenlet.rawlink(() => log.push('next'))
      yield* greenlet.join()
      expect(log).toEqual(['next'])
      expect(reports.map(({ error }) => (error as Error).name)).toEqual(['BlockingSwitchOutError', 'RangeError'])
      expect(reports.map(({ context }) => String(context))).toEqual(['<Callback blocks>', '<Callback fails>'])
    }),
  )

  test(
    'the error of a link is reported, and the next one is called',
    program(function* () {
      const reports = collectReports()
      const log: string[] = []
      const greenlet = spawn(ends)
      greenlet.link(() => {
        throw new RangeError('boom')
      })
      greenlet.link(() => log.push('next'))
      yield* greenlet.join()
      yield* turns(2)
      expect(log).toEqual(['next'])
      expect(reports.map(({ error }) => (error as Error).message)).toEqual(['boom'])
    }),
  )
})

describe('objects that may be linked', () => {
  test(
    'an AsyncResult gets the value or the error',
    program(function* () {
      collectReports()
      const [value, error] = [new AsyncResult<number>(), new AsyncResult<number>()]
      spawn(ends).link(value)
      const failing = spawn(fails)
      failing.link(error as AsyncResult<unknown> as never)
      expect(yield* value.get()).toBe(5)
      const raised = yield* raisedBy(error.get())
      expect(raised).toBe(failing.exception)
    }),
  )

  test(
    "a queue's put gets the greenlet",
    program(function* () {
      const queue = new Queue<unknown>()
      const greenlet = spawn(ends)
      greenlet.link((source) => queue.put(source))
      const got = yield* queue.get()
      expect(got === greenlet).toBe(true)
    }),
  )

  test(
    'an AsyncResult gets the exit of a killed greenlet as a value',
    program(function* () {
      const result = new AsyncResult<unknown>()
      const greenlet = spawn(() => sleep(10_000))
      greenlet.link(result as never)
      yield* greenlet.kill()
      expect(yield* result.get()).toBeInstanceOf(GreenletExit)
    }),
  )

  test('anything but a function is rejected up front', () => {
    const greenlet = spawn(ends)
    for (const wrong of [undefined, null, 5, {}]) {
      expect(() => greenlet.link(wrong as never)).toThrow(TypeError)
      expect(() => greenlet.rawlink(wrong as never)).toThrow(TypeError)
      expect(() => greenlet.linkValue(wrong as never)).toThrow(TypeError)
      expect(() => greenlet.linkException(wrong as never)).toThrow(TypeError)
    }
    greenlet.kill()
  })
})

describe('unlink', () => {
  test(
    'removes one link of the function, of any kind, the oldest first',
    program(function* () {
      const log: string[] = []
      const callback = () => log.push('called')
      const greenlet = spawn(ends)
      greenlet.link(callback)
      greenlet.linkValue(callback)
      greenlet.linkException(callback)
      expect(greenlet.linkCount()).toBe(3)
      for (const left of [2, 1, 0, 0]) {
        greenlet.unlink(callback)
        expect(greenlet.linkCount()).toBe(left)
      }
      yield* greenlet.join()
      yield* turns(2)
      expect(log).toEqual([])
    }),
  )

  test(
    'leaves one link of a function that was linked twice',
    program(function* () {
      const log: string[] = []
      const callback = () => log.push('called')
      const greenlet = spawn(ends)
      greenlet.rawlink(callback)
      greenlet.rawlink(callback)
      greenlet.unlink(callback)
      yield* greenlet.join()
      expect(log).toEqual(['called'])
    }),
  )

  test(
    'works while rawlinks are being called: of two that unlink each other and throw, one runs',
    program(function* () {
      const reports = collectReports()
      for (const linkable of [() => spawn(ends), () => new AsyncResult<number>(), () => new Event()]) {
        const log: string[] = []
        const object = linkable() as ReturnType<typeof spawn>
        const first = () => {
          log.push('first')
          object.unlink(second)
          throw new RangeError('first')
        }
        const second = () => {
          log.push('second')
          object.unlink(first)
          throw new RangeError('second')
        }
        object.rawlink(first)
        object.rawlink(second)
        if ('set' in object) (object as unknown as AsyncResult).set(1)
        yield* turns(4)
        expect(log).toEqual(['first'])
      }
      expect(reports.length).toBe(3)
    }),
  )

  test(
    'works while links in greenlets of their own are about to run',
    program(function* () {
      collectReports()
      const log: string[] = []
      const greenlet = spawn(ends)
      const first = () => {
        log.push('first')
        greenlet.unlink(second)
      }
      const second = () => {
        log.push('second')
        greenlet.unlink(first)
      }
      greenlet.link(first)
      greenlet.link(second)
      yield* greenlet.join()
      yield* turns(2)
      expect(log).toEqual(['first'])
    }),
  )

  test(
    'unlinkAll removes all links',
    program(function* () {
      const log: string[] = []
      const greenlet = spawn(ends)
      greenlet.link(() => log.push('link'))
      greenlet.rawlink(() => log.push('raw'))
      greenlet.unlinkAll()
      expect(greenlet.linkCount()).toBe(0)
      yield* turns(4)
      expect(log).toEqual([])
    }),
  )

  test('ignores an unknown function', () => {
    const greenlet = spawn(ends)
    greenlet.rawlink(() => {})
    greenlet.unlink(() => {})
    expect(greenlet.linkCount()).toBe(1)
    greenlet.kill()
  })
})

describe('withGreenlet', () => {
  test(
    'waits for the greenlet at the end of the block',
    program(function* () {
      const greenlet = spawn(ends)
      const result = yield* withGreenlet(greenlet, function* (inside) {
        expect(inside === greenlet).toBe(true)
        yield* sleep(0)
        return 'of the block'
      })
      expect(result).toBe('of the block')
      expect(greenlet.value).toBe(5)
    }),
  )

  test(
    'kills the greenlet with the error of a block that fails, and rethrows it',
    program(function* () {
      collectReports()
      const log: string[] = []
      const error = new RangeError('of the block')
      const greenlet = spawn(function* () {
        try {
          yield* sleep(10_000)
        } finally {
          yield* sleep(1)
          log.push('cleaned up')
        }
      })
      const raised = yield* raisedBy(
        withGreenlet(greenlet, function* () {
          yield* sleep(0)
          throw error
        }),
      )
      expect(raised).toBe(error)
      expect(log).toEqual(['cleaned up'])
      expect(yield* raisedBy(greenlet.get())).toBe(error)
    }),
  )

  test(
    "throws the error of a subclass's join and kills the greenlet, and does not join one that never ran if the block fails",
    program(function* () {
      const reports = collectReports()
      class Unjoinable extends Greenlet {
        override join(): never {
          throw new EvalError('joined')
        }
      }
      const [joined, unjoined] = [1, 2].map(() => Unjoinable.spawn(() => sleep(10_000)))
      expect(yield* raisedBy(withGreenlet(joined!, () => 'done'))).toBeInstanceOf(EvalError)
      expect(joined!.value).toBeInstanceOf(GreenletExit)
      const error = new RangeError('of the block')
      const failing = withGreenlet(unjoined!, () => {
        throw error
      })
      expect(yield* raisedBy(failing)).toBe(error)
      expect([unjoined!.exception, reports.length]).toEqual([error, 1])
    }),
  )

  test(
    'kills the greenlet if it is killed itself while it waits at the end',
    program(function* () {
      const greenlet = spawn(() => sleep(10_000))
      const outer = spawn(() => withGreenlet(greenlet, () => 'done'))
      yield* turns(2)
      yield* outer.kill()
      expect(greenlet.value).toBeInstanceOf(GreenletExit)
    }),
  )

  test('invalid arguments are rejected up front', () => {
    expect(() => withGreenlet(5 as never, () => 1)).toThrow(TypeError)
    const greenlet = spawn(ends)
    expect(() => withGreenlet(greenlet, 5 as never)).toThrow(TypeError)
    greenlet.kill()
  })
})

test('hasLinks tells whether there are any links', () => {
  const greenlet = spawn(ends)
  const callback = () => {}
  expect(greenlet.hasLinks()).toBe(false)
  greenlet.link(callback)
  expect(greenlet.hasLinks()).toBe(true)
  greenlet.unlink(callback)
  expect(greenlet.hasLinks()).toBe(false)
  greenlet.kill()
})

test(
  '100,000 links are called in one go, in linear time',
  program(function* () {
    const greenlet = spawn(() => sleep(0))
    const count = 100_000
    let told = 0
    for (let made = 0; made < count; made += 1) {
      greenlet.rawlink(() => {
        told += 1
      })
    }
    yield* greenlet
    yield* turns(1)
    expect(told).toBe(count)
    expect(greenlet.hasLinks()).toBe(false)
  }),
)

test(
  'a link that removes all links is the last to be called, except for one that it then adds',
  program(function* () {
    const log: string[] = []
    const greenlet = spawn(() => sleep(0))
    greenlet.rawlink(() => log.push('first'))
    greenlet.rawlink(() => {
      greenlet.unlinkAll()
      greenlet.rawlink(() => log.push('new'))
    })
    greenlet.rawlink(() => log.push('taken back'))
    yield* turns(5)
    expect(log).toEqual(['first', 'new'])
  }),
)
