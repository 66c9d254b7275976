import {
  type Coroutine,
  Event,
  Greenlet,
  GreenletExit,
  Group,
  getHub,
  isControlError,
  joinall,
  Pool,
  sleep,
  spawn,
} from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy, thrownBy, turns } from '../support.ts'

function* forever(): Coroutine<void> {
  yield* new Event().wait()
}

describe('membership', () => {
  test(
    'a spawned greenlet is a member until it has finished',
    program(function* () {
      const group = new Group()
      const go = new Event()
      const greenlet = group.spawn(function* (value: number) {
        yield* go.wait()
        return value
      }, 7)
      expect(greenlet).toBeInstanceOf(Greenlet)
      expect([group.size, group.length, group.has(greenlet), [...group][0] === greenlet]).toEqual([1, 1, true, true])
      expect(group.full()).toBe(false)
      go.set()
      expect(yield* greenlet).toBe(7)
      expect([group.size, group.has(greenlet), [...group]]).toEqual([0, false, []])
    }),
  )

  test(
    'a greenlet leaves after its earlier links were notified',
    program(function* () {
      const group = new Group()
      const greenlet = new Greenlet(() => 1)
      const sizes: number[] = []
      greenlet.rawlink(() => sizes.push(group.size))
      group.add(greenlet)
      greenlet.rawlink(() => sizes.push(group.size))
      greenlet.start()
      yield* group.join()
      yield* turns(1)
      expect(sizes).toEqual([1, 0])
    }),
  )

  test(
    'a group can start with greenlets',
    program(function* () {
      const greenlets = [spawn(() => 1), spawn(() => 2)]
      const group = new Group(greenlets)
      expect([...group].map((member, index) => member === greenlets[index])).toEqual([true, true])
      yield* group.join()
      expect(group.size).toBe(0)
    }),
  )

  test(
    'a greenlet that is added twice counts once',
    program(function* () {
      const group = new Group()
      const greenlet = spawn(() => 1)
      group.add(greenlet)
      group.add(greenlet)
      expect(group.size).toBe(1)
      yield* group.join()
      expect([group.size, greenlet.linkCount()]).toEqual([0, 0])
    }),
  )

  test(
    'a greenlet that had finished before it was added leaves again',
    program(function* () {
      const greenlet = spawn(() => 1)
      yield* greenlet
      const group = new Group()
      group.add(greenlet)
      expect(group.size).toBe(1)
      expect(yield* group.join()).toBe(true)
      expect(group.size).toBe(0)
    }),
  )

  test(
    'a discarded greenlet keeps running outside the group',
    program(function* () {
      const group = new Group()
      const go = new Event()
      const greenlet = group.spawn(() => go.wait())
      group.discard(greenlet)
      group.discard(greenlet)
      expect([group.size, yield* group.join()]).toEqual([0, true])
      yield* group.kill()
      expect(greenlet.linkCount()).toBe(0)
      go.set()
      expect(yield* greenlet).toBe(true)
    }),
  )

  test(
    'start() adds and starts a greenlet',
    program(function* () {
      const group = new Group()
      const greenlet = new Greenlet(() => 'ran')
      const starting = group.start(greenlet)
      expect([group.has(greenlet), greenlet.started]).toEqual([true, true])
      yield* starting
      expect(yield* greenlet).toBe('ran')
    }),
  )

  test(
    'the greenlets are of the given class',
    program(function* () {
      class Worker extends Greenlet {}
      for (const group of [new Group([], { greenletClass: Worker }), new Pool(2, { greenletClass: Worker })]) {
        expect(group.applyAsync(() => 1)).toBeInstanceOf(Worker)
        yield* group.join()
      }
    }),
  )

  test(
    'the given class chooses the arguments that its greenlets pass on',
    program(function* () {
      class Counting extends Greenlet {
        constructor(fn: (...args: never[]) => unknown, ...args: number[]) {
          super(fn as (...args: unknown[]) => unknown, args.length, ...args)
        }
      }
      const group = new Group([], { greenletClass: Counting as never })
      expect(yield* group.apply((...args: number[]) => args, [7, 8])).toEqual([2, 7, 8])
    }),
  )

  test("the spawn site of a member is the call of the group's spawn", async () => {
    const group = new Group()
    const greenlet = group.spawn(() => 1)
    expect(greenlet.spawningStack?.split('\n')[0]).toContain('group.test.ts')
    await group.join()
  })

  test('anything but a greenlet or a function is rejected up front', () => {
    const group = new Group()
    for (const [call, message] of [
      [() => group.add({} as never), 'Expected `greenlet` to be a greenlet, got an object of Object'],
      [() => group.start(undefined as never), 'Expected `greenlet` to be a greenlet, got undefined'],
      [() => group.spawn(7 as never), 'Expected `fn` to be a function, got 7'],
      [() => group.spawn(forever() as never), 'Expected `fn` to be a function, got a generator object'],
      [() => group.killone(7 as never), 'Expected `greenlet` to be a greenlet, got 7'],
      [() => new Group([1 as never]), 'Expected `greenlet` to be a greenlet, got 1'],
      [() => new Group([], { greenletClass: 5 as never }), 'Expected `greenletClass` to be a function, got 5'],
    ] as const) {
      const error = thrownBy(call)
      expect(error).toBeInstanceOf(TypeError)
      expect((error as Error).message).toContain(message)
    }
    expect(group.size).toBe(0)
  })
})

describe('join', () => {
  test(
    'an empty group is joined without switching',
    program(function* () {
      let ran = false
      const other = spawn(() => {
        ran = true
      })
      expect(yield* new Group().join()).toBe(true)
      expect(ran).toBe(false)
      yield* other
    }),
  )

  test(
    'waits until the group is empty, or until its timeout expires',
    program(function* () {
      const group = new Group()
      const go = new Event()
      group.spawn(() => go.wait())
      expect(yield* group.join({ timeout: 1 })).toBe(false)
      expect(yield* group.join({ timeout: 0 })).toBe(false)
      go.set()
      expect(yield* group.join({ timeout: 10_000 })).toBe(true)
    }),
  )

  test(
    'ends once the group was empty, even if that fills up again right away',
    program(function* () {
      const group = new Group()
      const go = new Event()
      const first = group.spawn(() => go.wait())
      const log: string[] = []
      const joiner = spawn(function* () {
        yield* group.join()
        log.push(`joined with ${group.size}`)
      })
      yield* turns(1)
      first.rawlink(() => {
        group.spawn(forever)
      })
      go.set()
      yield* joiner
      expect(log).toEqual(['joined with 1'])
      yield* group.kill()
    }),
  )

  test(
    'raiseError throws the error of a member that fails during the wait',
    program(function* () {
      collectReports()
      const group = new Group()
      const error = new Error('boom')
      const log: string[] = []
      group.spawn(function* () {
        yield* sleep(0)
        throw error
      })
      group.spawn(function* () {
        yield* turns(5)
        log.push('the other went on')
      })
      expect(yield* raisedBy(group.join({ raiseError: true }))).toBe(error)
      expect(log).toEqual(['the other went on'])
      expect(yield* group.join({ raiseError: true })).toBe(true)
    }),
  )

  test(
    'raiseError ignores greenlets that failed before',
    program(function* () {
      collectReports()
      const group = new Group()
      group.spawn(() => {
        throw new Error('too early')
      })
      yield* turns(2)
      expect(yield* group.join({ raiseError: true })).toBe(true)
    }),
  )

  test(
    'raiseError does not throw for a member that was killed',
    program(function* () {
      const group = new Group()
      group.spawn(forever)
      const joining = spawn(() => group.join({ raiseError: true }))
      yield* turns(1)
      yield* group.kill()
      expect(yield* joining).toBe(true)
    }),
  )

  test(
    'raiseError counts as observing the errors',
    program(function* () {
      const reports = collectReports()
      const hub = getHub()
      hub.reportErrors = 'unobserved'
      try {
        const group = new Group()
        group.spawn(() => {
          throw new Error('boom')
        })
        yield* raisedBy(group.join({ raiseError: true }))
        yield* turns(4)
        expect(reports).toEqual([])
      } finally {
        hub.reportErrors = 'always'
      }
    }),
  )

  test(
    'a killed joiner leaves the group alone',
    program(function* () {
      const group = new Group()
      const member = group.spawn(forever)
      const joiner = spawn(() => group.join())
      yield* turns(1)
      yield* joiner.kill()
      expect([group.size, member.ready()]).toEqual([1, false])
      yield* group.kill()
    }),
  )
})

describe('kill', () => {
  test(
    'an empty group is killed without switching',
    program(function* () {
      let ran = false
      const other = spawn(() => {
        ran = true
      })
      yield* new Group().kill()
      expect(ran).toBe(false)
      yield* other
    }),
  )

  test(
    'members that have not started yet never run',
    program(function* () {
      const group = new Group()
      let ran = 0
      const greenlets = [1, 2, 3].map(() => group.spawn(() => (ran += 1)))
      yield* group.kill()
      expect([ran, group.size]).toEqual([0, 0])
      for (const greenlet of greenlets) expect(greenlet.value).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'acts immediately, and the operation waits for the end of `finally` blocks',
    program(function* () {
      const group = new Group()
      const log: string[] = []
      group.spawn(function* () {
        try {
          yield* sleep(60_000)
        } finally {
          yield* turns(3)
          log.push('cleaned up')
        }
      })
      yield* turns(1)
      group.kill({ block: false })
      yield* group.join()
      expect(log).toEqual(['cleaned up'])
    }),
  )

  test(
    'the given error is thrown into each member, and becomes its failure',
    program(function* () {
      collectReports()
      const group = new Group()
      const greenlets = [group.spawn(forever), group.spawn(forever)]
      yield* turns(1)
      const error = new RangeError('enough')
      yield* group.kill(error)
      for (const greenlet of greenlets) expect(greenlet.exception).toBe(error)
    }),
  )

  test(
    'each member is killed once, however often the group or the greenlet is killed',
    program(function* () {
      const group = new Group()
      const shots = new Map<string, number>()
      const release = new Event()
      function* undead(name: string) {
        shots.set(name, 0)
        while (!release.isSet()) {
          try {
            yield* release.wait()
          } catch (error) {
            if (!isControlError(error)) throw error
            shots.set(name, shots.get(name)! + 1)
          }
        }
      }
      const first = group.spawn(undead, 'first')
      group.spawn(undead, 'second')
      yield* turns(1)
      yield* group.killone(first, { block: false })
      yield* turns(1)
      expect([...shots.values()]).toEqual([1, 0])
      yield* group.killone(first)
      yield* group.kill({ block: false })
      yield* turns(1)
      expect([...shots.values()]).toEqual([1, 1])
      yield* group.kill({ timeout: 1 })
      yield* group.kill({ timeout: 0 })
      expect([...shots.values()]).toEqual([1, 1])
      expect(group.size).toBe(2)
      release.set()
      yield* group.join()
    }),
  )

  test(
    'a member that swallows the kill is ended by force after the grace period',
    program(function* () {
      const group = new Group()
      group.spawn(function* () {
        for (;;) {
          try {
            yield* sleep(60_000)
          } catch {}
        }
      })
      yield* turns(1)
      yield* group.kill({ grace: 1 })
      expect(group.size).toBe(0)
    }),
  )

  test(
    'greenlets that are added while it waits are killed too',
    program(function* () {
      const group = new Group()
      let ran = 0
      const newcomers: Greenlet[] = []
      group.spawn(function* () {
        try {
          yield* sleep(60_000)
        } finally {
          newcomers.push(group.spawn(() => (ran += 1)))
          yield* sleep(0)
        }
      })
      yield* turns(1)
      yield* group.kill()
      expect([group.size, ran, newcomers.length]).toEqual([0, 0, 1])
      expect(newcomers[0]!.value).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'greenlets that are added while it waits are killed with the same error',
    program(function* () {
      collectReports()
      const group = new Group()
      const stop = new RangeError('stop')
      const newcomers: Greenlet[] = []
      const member = group.spawn(function* () {
        try {
          yield* sleep(60_000)
        } finally {
          newcomers.push(group.spawn(forever))
        }
      })
      yield* turns(1)
      yield* group.kill(stop)
      expect([member.exception, newcomers[0]!.exception]).toEqual([stop, stop])
    }),
  )

  test(
    'a group that was killed can be used again',
    program(function* () {
      const group = new Group()
      group.spawn(forever)
      yield* group.kill()
      const greenlet = group.spawn(() => 'ran')
      yield* group.join()
      expect(greenlet.value).toBe('ran')
    }),
  )

  test(
    'a member may kill its own group',
    program(function* () {
      const group = new Group()
      const other = group.spawn(forever)
      const killer = group.spawn(function* () {
        yield* group.kill()
        return 'not reached'
      })
      yield* group.join()
      expect(killer.value).toBeInstanceOf(GreenletExit)
      expect(other.value).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'killone kills one member, and waits for its end',
    program(function* () {
      const group = new Group()
      const [first, second] = [group.spawn(forever), group.spawn(forever)]
      yield* turns(1)
      yield* group.killone(first)
      expect([first.dead, second.dead, group.size, group.has(second)]).toEqual([true, false, 1, true])
      const outside = spawn(forever)
      yield* group.killone(outside)
      yield* turns(2)
      expect(outside.dead).toBe(false)
      yield* outside.kill()
      yield* group.killone(new Greenlet(forever))
      yield* group.kill()
    }),
  )

  test(
    'a member that outlives the time limit of killone stays a member until its end',
    program(function* () {
      const group = new Group()
      const cleaned = new Event()
      const member = group.spawn(function* () {
        try {
          yield* forever()
        } finally {
          yield* cleaned.wait()
        }
      })
      yield* turns(1)
      yield* group.killone(member, { timeout: 1 })
      expect([member.dead, group.has(member)]).toEqual([false, true])
      cleaned.set()
      yield* group.join()
      expect([member.dead, group.size]).toEqual([true, 0])
    }),
  )

  test('anything but an error is rejected up front', () => {
    expect(thrownBy(() => new Group().kill('stop' as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => new Group().kill(undefined, { timeout: '1' as never }))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => new Group().join({ timeout: 'soon' as never }))).toBeInstanceOf(TypeError)
  })
})

test(
  'a thousand members come and go',
  program(function* () {
    const group = new Group()
    const greenlets = Array.from({ length: 1000 }, (_, index) => group.spawn(() => index))
    yield* group.join()
    expect(group.size).toBe(0)
    expect((yield* joinall(greenlets)).length).toBe(1000)
  }),
)

test(
  'a member that is killed before it ran has left when killone returns',
  program(function* () {
    const group = new Group()
    const member = group.spawn(() => expect.fail('ran'))
    yield* group.killone(member)
    expect(group.size).toBe(0)
  }),
)
