import {
  type Coroutine,
  GreenletExit,
  getcurrent,
  getHub,
  gettrace,
  greenlet,
  type RawGreenlet,
  runSync,
  settrace,
  sleep,
  spawn,
} from '@greenlit/core'
import { afterEach, describe, expect, test } from 'vitest'
import { program, thrownBy } from '../support.ts'

const main = getcurrent()
type Traced = ['switch' | 'throw', RawGreenlet, RawGreenlet]

afterEach(() => void settrace(undefined))

/** Traces from now on; `stop` ends it. */
function traced(): Traced[] {
  const events: Traced[] = []
  settrace((event, [origin, target]) => events.push([event, origin, target]))
  return events
}

describe('settrace', () => {
  test('a switch, an end and a failure are told, with origin and target', () => {
    const first = greenlet(function* () {})
    const second = greenlet(function* () {
      throw new RangeError('boom')
    })
    const events = traced()
    runSync(first.switch())
    expect(() => runSync(second.switch())).toThrow('boom')
    settrace(undefined)
    expect(events).toEqual([
      ['switch', main, first],
      ['switch', first, main],
      ['switch', main, second],
      ['throw', second, main],
    ])
  })

  test('nothing is told any more once it is off', () => {
    const events = traced()
    settrace(undefined)
    runSync(greenlet(() => 1).switch())
    expect(events).toEqual([])
  })

  test('it gives the callback before, and gettrace the one now', () => {
    const callback = () => {}
    expect(gettrace()).toBeUndefined()
    expect(settrace(callback)).toBeUndefined()
    expect(gettrace()).toBe(callback)
    expect(settrace(callback)).toBe(callback)
    expect(settrace(undefined)).toBe(callback)
    expect(gettrace()).toBeUndefined()
  })

  test('switches among several are told one by one', () => {
    const a: RawGreenlet = greenlet(function* () {
      yield* b.switch()
    })
    const b: RawGreenlet = greenlet(function* () {
      yield* a.switch()
    })
    const events = traced()
    runSync(a.switch())
    settrace(undefined)
    expect(events).toEqual([
      ['switch', main, a],
      ['switch', a, b],
      ['switch', b, a],
      ['switch', a, main],
    ])
    runSync(b.throw())
  })

  test('throwing into an unstarted, a suspended and a dead greenlet', () => {
    const unstarted = greenlet(function* () {})
    let events = traced()
    const error = new RangeError('boom')
    expect(thrownBy(() => runSync(unstarted.throw(error)))).toBe(error)
    settrace(undefined)
    expect(events).toEqual([
      ['throw', main, unstarted],
      ['throw', unstarted, main],
    ])
    const suspended = greenlet(function* () {
      yield* main.switch()
    })
    runSync(suspended.switch())
    events = traced()
    expect(thrownBy(() => runSync(suspended.throw(error)))).toBe(error)
    settrace(undefined)
    expect(events).toEqual([
      ['throw', main, suspended],
      ['throw', suspended, main],
    ])
  })

  test('an end by GreenletExit is a switch', () => {
    const g = greenlet(function* () {
      yield* main.switch()
    })
    runSync(g.switch())
    const events = traced()
    expect(runSync(g.throw())).toBeInstanceOf(GreenletExit)
    settrace(undefined)
    expect(events).toEqual([
      ['throw', main, g],
      ['switch', g, main],
    ])
  })

  test('a switch to a dead greenlet is told with who receives it', () => {
    const alive = greenlet(function* () {
      return yield* main.switch()
    })
    runSync(alive.switch())
    const dead = greenlet(() => 1)
    runSync(dead.switch())
    dead.parent = alive
    const events = traced()
    runSync(dead.switch(5))
    settrace(undefined)
    expect(events[0]).toEqual(['switch', main, alive])
  })

  test('a greenlet that switches to itself, or throws in itself, is origin and target', () => {
    const self: RawGreenlet = greenlet(function* () {
      const given = yield* self.switch(5)
      yield* self.throw(new RangeError(`boom ${given}`))
    })
    const events = traced()
    expect(runSync(main.switch(7))).toBe(7)
    expect(() => runSync(self.switch())).toThrow('boom 5')
    const failure = new Error('of the callback')
    settrace(() => {
      throw failure
    })
    expect(thrownBy(() => runSync(main.switch(1)))).toBe(failure)
    expect(gettrace()).toBe(undefined)
    expect(events).toEqual([
      ['switch', main, main],
      ['switch', main, self],
      ['switch', self, self],
      ['throw', self, self],
      ['throw', self, main],
    ])
  })

  test('inside the callback the target is current', () => {
    const seen: boolean[] = []
    settrace((_event, [, target]) => seen.push(getcurrent() === target))
    const g = greenlet(function* () {
      yield* main.switch()
    })
    runSync(g.switch())
    runSync(g.switch())
    settrace(undefined)
    expect(seen).toEqual([true, true, true, true])
  })

  test('what it throws is raised in the target, and ends the tracing', () => {
    const seen: unknown[] = []
    const g = greenlet(function* (): Coroutine<unknown> {
      for (;;) {
        try {
          yield* main.switch('ready')
        } catch (error) {
          seen.push(error)
        }
      }
    })
    runSync(g.switch())
    const error = new RangeError('of the tracer')
    settrace(() => {
      throw error
    })
    runSync(g.switch())
    expect(seen).toEqual([error])
    expect(gettrace()).toBeUndefined()
    runSync(g.throw())
  })

  test('what it throws when control is back in main is raised in main', () => {
    const g = greenlet(() => 1)
    const error = new RangeError('of the tracer')
    settrace((_event, [, target]) => {
      if (target === main) throw error
    })
    expect(thrownBy(() => runSync(g.switch()))).toBe(error)
    expect(gettrace()).toBeUndefined()
  })

  test('a callback may itself switch: each switch gets what was sent to it', () => {
    const inner = greenlet(function* (back: RawGreenlet): Coroutine<unknown> {
      let value = 0
      for (;;) {
        value += 1
        back = yield* back.switch<RawGreenlet>(['inner', value])
      }
    })
    const got: unknown[] = []
    let isInside = false
    settrace(() => {
      if (isInside) return
      isInside = true
      got.push(runSync(inner.switch(getcurrent())))
      isInside = false
    })
    const g = greenlet(function* (value: unknown) {
      return ['outer', yield* main.switch(value)]
    })
    expect(runSync(g.switch('a'))).toBe('a')
    expect(runSync(g.switch('b'))).toEqual(['outer', 'b'])
    settrace(undefined)
    expect(got).toEqual([1, 2, 3, 4].map((value) => ['inner', value]))
    runSync(inner.throw())
  })

  test(
    "spawned greenlets' turns are told too, from and to the hub",
    program(function* () {
      const events = traced()
      const greenlet = spawn(function* () {
        yield* sleep(0)
      })
      yield* greenlet.join()
      settrace(undefined)
      const hub = getHub()
      const own = events.filter(([, origin, target]) => origin === greenlet || target === greenlet)
      expect(own.length).toBe(4)
      expect(own.map(([event]) => event)).toEqual(['switch', 'switch', 'switch', 'switch'])
      expect(own.map(([, origin]) => origin === hub)).toEqual([true, false, true, false])
      expect(own.map(([, , target]) => target === hub)).toEqual([false, true, false, true])
    }),
  )

  test('what is no function is refused', () => {
    expect(() => settrace(5 as never)).toThrow(TypeError)
  })
})
