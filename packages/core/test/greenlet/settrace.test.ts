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

/** Starts tracing, and returns the list to which the events are added. */
function traced(): Traced[] {
  const events: Traced[] = []
  settrace((event, [origin, target]) => events.push([event, origin, target]))
  return events
}

describe('settrace', () => {
  test('reports a switch, an end and a failure with origin and target', () => {
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

  test('reports the same of switches that plain code awaits, and of its waits for the hub', async () => {
    const first = greenlet(function* () {})
    const second = greenlet(function* () {
      throw new RangeError('boom')
    })
    const events = traced()
    await first.switch()
    await expect((async () => await second.switch())()).rejects.toThrow('boom')
    await main.switch(1)
    await sleep(1)
    settrace(undefined)
    expect(events).toEqual([
      ['switch', main, first],
      ['switch', first, main],
      ['switch', main, second],
      ['throw', second, main],
      ['switch', main, main],
      ['switch', main, getHub()],
      ['switch', getHub(), main],
    ])
  })

  test('reports nothing once it is turned off', () => {
    const events = traced()
    settrace(undefined)
    runSync(greenlet(() => 1).switch())
    expect(events).toEqual([])
  })

  test('returns the previous callback, and gettrace the current one', () => {
    const callback = () => {}
    expect(gettrace()).toBeUndefined()
    expect(settrace(callback)).toBeUndefined()
    expect(gettrace()).toBe(callback)
    expect(settrace(callback)).toBe(callback)
    expect(settrace(undefined)).toBe(callback)
    expect(gettrace()).toBeUndefined()
  })

  test('reports switches among several greenlets one by one', () => {
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

  test('reports throws into unstarted and suspended greenlets', () => {
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

  test('reports an end by GreenletExit as a switch', () => {
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

  test('reports a switch to a dead greenlet with the greenlet that receives it', () => {
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

  test('reports a greenlet that switches to itself or throws into itself as origin and target', () => {
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

  test('runs the callback in the target', () => {
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

  test('raises an error of the callback in the target, and stops tracing', () => {
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

  test('raises an error of the callback in main when control is back there', () => {
    const g = greenlet(() => 1)
    const error = new RangeError('of the tracer')
    settrace((_event, [, target]) => {
      if (target === main) throw error
    })
    expect(thrownBy(() => runSync(g.switch()))).toBe(error)
    expect(gettrace()).toBeUndefined()
  })

  test('allows the callback to switch, and each switch gets the values sent to it', () => {
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
    'reports the turns of spawned greenlets as switches from and to the hub',
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

  test('rejects anything but a function', () => {
    expect(() => settrace(5 as never)).toThrow(TypeError)
  })
})
