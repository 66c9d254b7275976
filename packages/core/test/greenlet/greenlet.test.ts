import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  AsyncResult,
  activeCount,
  type Coroutine,
  coroutine,
  Event,
  enumerate,
  Greenlet,
  GreenletExit,
  getcurrent,
  getHub,
  joinall,
  Lock,
  settrace,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  wait,
} from '@greenlit/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { collectReports, program, raisedBy, turns } from '../support.ts'

function stateOf(greenlet: Greenlet<unknown>) {
  const { started, active, dead } = greenlet
  return { started, active, dead, ready: greenlet.ready(), successful: greenlet.successful() }
}

describe('the life of a greenlet', () => {
  test(
    'its state flags follow each stage of a successful run',
    program(function* () {
      const inside: unknown[] = []
      const greenlet: Greenlet<number> = new Greenlet(function* () {
        inside.push(stateOf(greenlet))
        yield* sleep(2)
        return 5
      })
      const fresh = { started: false, active: false, dead: false, ready: false, successful: false }
      const alive = { started: true, active: true, dead: false, ready: false, successful: false }
      const done = { started: false, active: false, dead: true, ready: true, successful: true }
      expect(stateOf(greenlet)).toEqual(fresh)
      greenlet.start()
      expect(stateOf(greenlet)).toEqual(alive)
      yield* sleep(0)
      expect(stateOf(greenlet)).toEqual(alive)
      expect(inside).toEqual([alive])
      expect(greenlet.value).toBeUndefined()
      yield* greenlet.join()
      expect(stateOf(greenlet)).toEqual(done)
      expect(greenlet.value).toBe(5)
      expect(greenlet.exception).toBeUndefined()
    }),
  )

  test(
    'its state flags show a failed run',
    program(function* () {
      collectReports()
      const error = new RangeError('boom')
      const greenlet = spawn(function* () {
        throw error
      })
      yield* greenlet.join()
      expect(stateOf(greenlet)).toEqual({ started: false, active: false, dead: true, ready: true, successful: false })
      expect(greenlet.value).toBeUndefined()
      expect(greenlet.exception).toBe(error)
    }),
  )

  test(
    'an async generator function is rejected, and does not keep the hub waiting forever',
    program(function* () {
      collectReports()
      const greenlet = spawn(async function* () {
        yield 1
      })
      const error = yield* raisedBy(greenlet.get())
      expect(error).toBeInstanceOf(TypeError)
      expect((error as Error).message).toBe('Expected `function*`, got `async function*`')
    }),
  )

  test(
    'a GreenletExit that it throws itself becomes its value',
    program(function* () {
      const exit = new GreenletExit('enough')
      const greenlet = spawn(function* () {
        throw exit
      })
      expect(yield* greenlet.get()).toBe(exit)
      expect(greenlet.successful()).toBe(true)
      expect(greenlet.exception).toBeUndefined()
    }),
  )

  test(
    'it starts only once, however often start is called',
    program(function* () {
      let runs = 0
      const greenlet = new Greenlet(function* () {
        runs += 1
      })
      expect(greenlet.start()).toBe(greenlet)
      greenlet.start()
      yield* greenlet.join()
      greenlet.start()
      greenlet.startLater(0)
      yield* turns(3)
      expect(runs).toBe(1)
    }),
  )

  test(
    'it does not start if it was killed before',
    program(function* () {
      let runs = 0
      const greenlet = new Greenlet(function* () {
        runs += 1
      })
      yield* greenlet.kill()
      greenlet.start()
      yield* turns(2)
      expect(runs).toBe(0)
    }),
  )

  test(
    'startLater counts as started at once, and starting it again does not make it run sooner',
    program(function* () {
      const log: string[] = []
      const greenlet = new Greenlet(function* () {
        log.push('ran')
      }).startLater(10)
      expect(greenlet.started).toBe(true)
      greenlet.start()
      greenlet.startLater(0)
      yield* turns(2)
      expect(log).toEqual([])
      yield* greenlet.join()
      expect(log).toEqual(['ran'])
    }),
  )

  test(
    'a subclass may define run, with arguments and fields',
    program(function* () {
      class Sum extends Greenlet<number> {
        total = 0
        override *run(...numbers: number[]) {
          for (const number of numbers) {
            yield* sleep(0)
            this.total += number
          }
          return this.total
        }
      }
      const sum = new Sum(undefined, 1, 2, 3)
      sum.start()
      expect(yield* sum).toBe(6)
      expect(sum.total).toBe(6)
      expect(String(sum)).toMatch(/^<Sum Greenlet-\d+>$/)
    }),
  )

  test(
    'a subclass may give its own members any name that Greenlet does not document',
    program(function* () {
      class Actor extends Greenlet<string> {
        state = 'idle'
        flags = ['urgent']
        links = ['/a', '/b']
        waiting = 0
        waiter = 'none'
        frame = { width: 1 }
        failure = 'none'
        extras = ['none']
        transfer = 7
        generator = 'diesel'
        readonly heard: string[] = []
        begin() {
          return 'begin'
        }
        end() {
          return 'end'
        }
        observe() {
          return 'observe'
        }
        register() {
          return 'register'
        }
        settle() {
          return 'settle'
        }
        tell(message: string) {
          this.heard.push(message)
        }
        override *run() {
          this.state = 'busy'
          yield* sleep(1)
          return this.state
        }
      }
      const actor = new Actor()
      const linked = new AsyncResult<string>()
      actor.link(linked)
      actor.tell('hello')
      actor.start()
      expect(yield* linked.get()).toBe('busy')
      expect(yield* actor).toBe('busy')
      expect(actor.heard).toEqual(['hello'])
      expect(actor.links).toEqual(['/a', '/b'])
      const killed = Actor.spawn()
      yield* sleep(0)
      yield* killed.kill()
      expect(killed.value).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'Greenlet.spawn and Greenlet.spawnLater create an instance of the class they are called on',
    program(function* () {
      const greenlet: Greenlet = Greenlet.spawn((x: number) => x + 1, 1 as never)
      expect(yield* greenlet).toBe(2)
      class Named extends Greenlet<string> {
        override *run(...names: string[]) {
          yield* sleep(0)
          return names.join()
        }
      }
      const named: Named = Named.spawn(undefined, 'a', 'b')
      expect(named).toBeInstanceOf(Named)
      expect(yield* named).toBe('a,b')
      const later = Named.spawnLater(1, undefined, 'c')
      expect(later.started).toBe(true)
      expect(yield* later).toBe('c')
    }),
  )

  test('it cannot be started without a run function', () => {
    expect(() => new Greenlet().start()).toThrow(/Expected `run` to be set before the greenlet starts/)
    expect(() => new Greenlet().startLater(1)).toThrow(TypeError)
  })

  test(
    'plain functions, async functions and functions that return operations may be spawned',
    program(function* () {
      expect(yield* spawn((x: number) => x + 1, 1)).toBe(2)
      expect(yield* spawn(async (x: number) => x + 1, 1)).toBe(2)
      expect(yield* spawn(() => spawn(() => 3))).toBe(3)
      expect(yield* spawn(() => undefined)).toBeUndefined()
    }),
  )

  test(
    'an unbound method fails, and does not get the greenlet as `this`',
    program(function* () {
      collectReports()
      for (const method of [new Event().wait, new Lock().acquire] as (() => unknown)[]) {
        const lost = spawn(method)
        yield* lost.join({ timeout: 1_000 })
        expect(lost.exception).toBeInstanceOf(TypeError)
      }
    }),
  )

  test('anything but a function is rejected up front, with a hint for a function that was already called', () => {
    function* work() {}
    const called = [work(), coroutine(work)(), (async () => 1)()]
    for (const result of called) expect(() => spawn(result as never)).toThrow('pass the function, not its result')
    expect(() => coroutine(work() as never)).toThrow('pass the function, not its result')
    for (const wrong of [undefined, null, 5, 'text', {}]) expect(() => spawn(wrong as never)).toThrow(TypeError)
    expect(() => new Greenlet(work() as never)).toThrow('pass the function, not its result')
    expect(activeCount()).toBe(1)
  })
})

describe('get', () => {
  test(
    'raises Timeout for a greenlet that is not ready, blocking or not, and does not affect it',
    program(function* () {
      const event = new Event()
      const greenlet = spawn(function* () {
        yield* event.wait()
        return 5
      })
      for (const options of [{ block: false }, { timeout: 0 }, { timeout: 2 }]) {
        expect(yield* raisedBy(greenlet.get(options))).toBeInstanceOf(Timeout)
      }
      event.set()
      expect(yield* greenlet.get()).toBe(5)
      expect(yield* greenlet.get({ block: false })).toBe(5)
      expect(yield* greenlet.get({ timeout: 0 })).toBe(5)
    }),
  )

  test(
    'throws the same error each time',
    program(function* () {
      collectReports()
      const error = new RangeError('boom')
      const failing = spawn(function* () {
        throw error
      })
      expect(yield* raisedBy(failing.get())).toBe(error)
      expect(yield* raisedBy(failing.get())).toBe(error)
      expect(yield* raisedBy(failing.get({ block: false }))).toBe(error)
    }),
  )

  test(
    'yield* of a greenlet may be repeated any number of times',
    program(function* () {
      const greenlet = spawn(() => 5)
      expect((yield* greenlet) + (yield* greenlet)).toBe(10)
    }),
  )

  test('greenlets that have ended can be compared in plain code, as test frameworks do', async () => {
    const [a, b] = [spawn(() => 1), spawn(() => 2)]
    expect(await joinall([a, b])).toEqual([a, b])
    const results = [new AsyncResult<number>(), new AsyncResult<number>()]
    for (const result of results) result.set(1)
    expect(await wait(results)).toEqual(results)
  })

  test('a greenlet may be awaited in plain code, before and after it has ended', async () => {
    const greenlet = spawn(function* () {
      yield* sleep(1)
      return 5
    })
    expect(await Promise.all([greenlet, greenlet])).toEqual([5, 5])
    expect(await greenlet).toBe(5)
    collectReports()
    const failing = spawn(function* () {
      throw new RangeError('boom')
    })
    await expect(Promise.resolve(failing)).rejects.toThrow('boom')
  })
})

describe('join', () => {
  test(
    'returns nothing and throws nothing, whatever the outcome',
    program(function* () {
      collectReports()
      const failing = spawn(function* () {
        throw new RangeError('boom')
      })
      expect(yield* failing.join()).toBeUndefined()
      expect(yield* failing.join({ timeout: 0 })).toBeUndefined()
    }),
  )

  test(
    'returns quietly when its timeout expires',
    program(function* () {
      const sleeper = spawn(() => sleep(10_000))
      expect(yield* sleeper.join({ timeout: 2 })).toBeUndefined()
      expect(yield* sleeper.join({ timeout: new Timeout(2) })).toBeUndefined()
      expect(sleeper.ready()).toBe(false)
      expect(sleeper.linkCount()).toBe(0)
      yield* sleeper.kill()
    }),
  )

  test(
    'several joiners resume in the order in which they joined',
    program(function* () {
      const event = new Event()
      const joined = spawn(() => event.wait())
      const log: number[] = []
      const joiners = [0, 1, 2].map((at) =>
        spawn(function* () {
          yield* joined.join()
          log.push(at)
        }),
      )
      yield* sleep(0)
      event.set()
      for (const joiner of joiners) yield* joiner.join()
      expect(log).toEqual([0, 1, 2])
    }),
  )

  test(
    'a greenlet that joins itself waits until its timeout expires',
    program(function* () {
      const greenlet: Greenlet<string> = spawn(function* (): Coroutine<string> {
        yield* greenlet.join({ timeout: 5 })
        return 'went on'
      })
      expect(yield* greenlet).toBe('went on')
    }),
  )

  test('invalid timeouts are rejected up front', () => {
    const greenlet = new Greenlet(() => 1)
    for (const wrong of ['5', Number.NaN, {}]) {
      expect(() => greenlet.join({ timeout: wrong as never })).toThrow(TypeError)
      expect(() => greenlet.get({ timeout: wrong as never })).toThrow(TypeError)
    }
  })
})

describe('dead', () => {
  test(
    'is never true for the target of a switch, as a tracer sees it',
    program(function* () {
      const seen: boolean[] = []
      const previous = settrace((_event, [, target]) => seen.push(target.dead))
      onTestFinished(() => void settrace(previous))
      const greenlet = spawn(function* () {
        yield* sleep(0)
      })
      yield* greenlet.join()
      settrace(previous)
      expect(seen.length).toBeGreaterThan(2)
      expect(seen).not.toContain(true)
    }),
  )
})

describe('throw', () => {
  test(
    'into an unstarted greenlet cancels its start and calls its links, and the thrower goes on',
    program(function* () {
      const reports = collectReports()
      const error = new RangeError('boom')
      for (const make of [
        (fn: () => unknown) => spawn(fn),
        (fn: () => unknown) => spawnLater(1, fn),
        (fn: () => unknown) => new Greenlet(fn),
      ]) {
        const log: string[] = []
        const greenlet = make(() => log.push('ran'))
        greenlet.rawlink(() => log.push('linked'))
        expect(yield* greenlet.throw(error)).toBe(undefined)
        expect([greenlet.dead, greenlet.exception, reports.splice(0).length]).toEqual([true, error, 1])
        greenlet.start()
        yield* turns(1)
        expect(log).toEqual(['linked'])
      }
      const exited = spawn(() => 1)
      yield* exited.throw()
      expect([exited.value, reports.length]).toEqual([expect.any(GreenletExit), 0])
    }),
  )

  test(
    'into a dead greenlet changes nothing, and the thrower goes on',
    program(function* () {
      const reports = collectReports()
      const greenlet = spawn(() => 1)
      yield* greenlet.join()
      for (const error of [undefined, new RangeError('late')]) {
        expect(yield* greenlet.throw(error)).toBe(undefined)
        getHub().runCallback(() => greenlet.throw(error))
        yield* turns(1)
      }
      expect([greenlet.value, greenlet.exception, reports]).toEqual([1, undefined, []])
    }),
  )
})

describe('names', () => {
  test(
    'a name is derived from the smallest free number, and may be set',
    program(function* () {
      const [a, b] = [spawn(() => 1), spawn(() => 1)]
      expect(a.name).toBe(`Greenlet-${a.minimalIdent}`)
      expect(b.minimalIdent).not.toBe(a.minimalIdent)
      expect(a.minimalIdent).toBe(a.minimalIdent)
      expect(a.minimalIdent).toBeGreaterThanOrEqual(0)
      a.name = 'worker'
      expect(a.name).toBe('worker')
      expect(String(a)).toBe('<Greenlet worker>')
      yield* turns(1)
    }),
  )

  test(
    'the spawning stack shows in at most 10 lines where a greenlet was spawned',
    program(function* () {
      function spawnHere() {
        return spawn(() => 1)
      }
      const greenlet = spawnHere()
      const lines = greenlet.spawningStack!.split('\n')
      expect(lines[0]).toContain('spawnHere')
      expect(lines.length).toBeLessThanOrEqual(10)
      expect(new Greenlet(() => 1).start().spawningStack).toContain('greenlet.test.ts')
      expect(spawnLater(0, () => 1).spawningStack).toContain('greenlet.test.ts')
      yield* sleep(2)
    }),
  )
})

describe('the spawn tree', () => {
  test(
    'all descendants of a greenlet spawned by main share locals, and other trees have their own',
    program(function* () {
      const grow = () =>
        spawn(function* () {
          const own = (getcurrent() as Greenlet).spawnTreeLocals
          const child = yield* spawn(function* () {
            yield* sleep(0)
            return (getcurrent() as Greenlet).spawnTreeLocals
          })
          expect(child).toBe(own)
          return own
        })
      const [first, second] = [yield* grow(), yield* grow()]
      expect(first).not.toBe(second)
    }),
  )

  test(
    'a greenlet knows which greenlet spawned it',
    program(function* () {
      const outer = spawn(function* () {
        return spawn(() => 1)
      })
      const inner = yield* spawn(function* () {
        const child = yield* outer
        expect(child.spawningGreenlet).toBe(outer)
        return [child]
      })
      expect(outer.spawningGreenlet).toBe(getcurrent())
      expect(inner[0]!.spawningGreenlet).toBe(outer)
    }),
  )

  test(
    'an unstarted greenlet belongs to the tree of its creator, whichever greenlet starts it',
    program(function* () {
      const maker = spawn(function* () {
        const child = new Greenlet(() => 1)
        expect(child.spawnTreeLocals).toBe((getcurrent() as Greenlet).spawnTreeLocals)
        return [child]
      })
      const [child] = yield* maker
      const { spawnTreeLocals } = child!
      yield* spawn(() => child!.start())
      expect(child!.spawningGreenlet).toBe(maker)
      expect(child!.spawnTreeLocals).toBe(spawnTreeLocals)
    }),
  )
})

test('a chain of greenlets that each spawn the next and end retains none of its ancestors', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const ancestors: WeakRef<object>[] = []
  const event = new Event()
  const spawnNext = function* (left: number): Coroutine<void> {
    // In a batch of its own, so that its spawning stack is recorded.
    yield* sleep(1)
    if (left === 0) return void (yield* event.wait())
    ancestors.push(new WeakRef(getcurrent()))
    spawn(spawnNext, left - 1)
  }
  spawn(spawnNext, 20)
  while (ancestors.length < 20) await sleep(1)
  for (let round = 0; round < 3; round += 1) {
    await sleep(2)
    collect()
  }
  expect(ancestors.filter((ancestor) => ancestor.deref() !== undefined).length).toBeLessThan(5)
  event.set()
  await sleep(1)
})

test('a greenlet that kills others one by one retains none of them', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const killed: WeakRef<object>[] = []
  await spawn(function* () {
    for (let i = 0; i < 20; i += 1) {
      const greenlet = spawn(sleep, 60_000)
      killed.push(new WeakRef(greenlet))
      yield* sleep(0)
      yield* greenlet.kill()
    }
    for (let round = 0; round < 3; round += 1) {
      yield* sleep(2)
      collect()
    }
    expect(killed.filter((greenlet) => greenlet.deref() !== undefined).length).toBeLessThan(5)
  })
})

describe('spawn callbacks', () => {
  test(
    'are called when a greenlet is started, not when it is constructed',
    program(function* () {
      const started: unknown[] = []
      const callback = (greenlet: Greenlet<unknown>) => started.push(greenlet)
      Greenlet.addSpawnCallback(callback)
      onTestFinished(() => Greenlet.removeSpawnCallback(callback))
      const constructed = new Greenlet(() => 1)
      expect(started.length).toBe(0)
      constructed.start()
      const spawned = spawn(() => 1)
      const later = spawnLater(1, () => 1)
      expect(started.length).toBe(3)
      expect([constructed, spawned, later].every((greenlet, at) => started[at] === greenlet)).toBe(true)
      Greenlet.removeSpawnCallback(callback)
      spawn(() => 1)
      expect(started.length).toBe(3)
      yield* sleep(3)
    }),
  )

  test('must be functions, and removing an unknown one does nothing', () => {
    expect(() => Greenlet.addSpawnCallback(5 as never)).toThrow(TypeError)
    Greenlet.removeSpawnCallback(() => {})
  })
})

describe('live greenlets', () => {
  test(
    'are listed from start to end, main first',
    program(function* () {
      const main = enumerate()[0]!
      expect(main).toBe(getcurrent())
      expect(activeCount()).toBe(1)
      const event = new Event()
      const [a, b] = [spawn(() => event.wait()), spawn(() => event.wait())]
      const unstarted = new Greenlet(() => 1)
      const listed = enumerate()
      expect(listed.length).toBe(3)
      expect([main, a, b].every((greenlet, at) => listed[at] === greenlet)).toBe(true)
      expect(activeCount()).toBe(3)
      expect(unstarted.started).toBe(false)
      event.set()
      yield* a
      yield* b
      expect(activeCount()).toBe(1)
    }),
  )
})

describe('using', () => {
  test('await using joins a greenlet at the end of the block', async () => {
    const log: string[] = []
    {
      await using greenlet = spawn(function* () {
        yield* sleep(2)
        log.push('done')
      })
      expect(greenlet.dead).toBe(false)
    }
    expect(log).toEqual(['done'])
  })

  test(
    'using kills a greenlet at the end of the block',
    program(function* () {
      const log: string[] = []
      {
        using greenlet = spawn(function* () {
          try {
            yield* sleep(10_000)
          } finally {
            log.push('ended')
          }
        })
        yield* sleep(0)
        expect(greenlet.started).toBe(true)
      }
      yield* turns(2)
      expect(log).toEqual(['ended'])
    }),
  )
})

test(
  'a greenlet that iterates over a blocking generator by mistake is not woken after its end',
  program(function* () {
    const reports = collectReports()
    function* slow() {
      yield* sleep(2)
      yield 1
    }
    const mistaken = spawn(function* () {
      let count = 0
      for (const _ of slow()) count += 1
      return count
    })
    const careless = spawn(function* () {
      slow().next()
      return 'ended'
    })
    yield* joinall([mistaken, careless])
    yield* sleep(5)
    expect(String(mistaken.exception)).toContain('used once')
    expect(careless.value).toBe('ended')
    expect(reports).toHaveLength(1)
  }),
)

test(
  'a wait that was begun by mistake does not wake its greenlet from a later one',
  program(function* () {
    const reports = collectReports()
    const slow = [spawn(() => sleep(2)), spawn(() => sleep(3))]
    const mistaken = spawn(function* () {
      // What an assertion library does to objects that are iterable.
      for (const greenlet of slow) greenlet[Symbol.iterator]().next()
      const begun = performance.now()
      yield* sleep(20)
      return performance.now() - begun
    })
    expect(yield* mistaken.get()).toBeGreaterThan(15)
    yield* sleep(5)
    expect(reports).toEqual([])
  }),
)
