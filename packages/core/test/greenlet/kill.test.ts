import { PassThrough } from 'node:stream'
import {
  attempt,
  type Coroutine,
  coroutine,
  Event,
  each,
  fromCallback,
  Greenlet,
  GreenletExit,
  getcurrent,
  getHub,
  isControlError,
  iterate,
  iwait,
  joinall,
  kill,
  killall,
  Queue,
  RLock,
  shield,
  sleep,
  spawn,
  spawnLater,
  spawnRaw,
  Timeout,
  withGreenlet,
} from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy, thrownBy, turns } from '../support.ts'

/** Swallows every kill. */
function* stubborn(): Coroutine<void> {
  for (;;) {
    try {
      yield* sleep(60_000)
    } catch {}
  }
}

describe('kill before the start', () => {
  for (const [name, make] of [
    ['constructed', (fn: () => unknown) => new Greenlet(fn)],
    ['spawned', (fn: () => unknown) => spawn(fn)],
    ['spawned for later', (fn: () => unknown) => spawnLater(10_000, fn)],
  ] as const) {
    test(
      `a greenlet that is ${name} is dead at once, and never runs`,
      program(function* () {
        const log: string[] = []
        const greenlet = make(() => log.push('ran'))
        greenlet.link(() => log.push('linked'))
        const killing = greenlet.kill()
        expect([greenlet.dead, greenlet.ready(), greenlet.successful(), greenlet.started]).toEqual([
          true,
          true,
          true,
          false,
        ])
        expect(greenlet.value).toBeInstanceOf(GreenletExit)
        yield* killing
        yield* turns(3)
        expect(log).toEqual(['linked'])
        expect(yield* greenlet.get()).toBe(greenlet.value)
      }),
    )
  }

  test(
    'with an error, the greenlet fails with it, which is reported',
    program(function* () {
      const reports = collectReports()
      const error = new RangeError('boom')
      const greenlet = spawn(() => 1)
      yield* greenlet.kill(error)
      expect(greenlet.successful()).toBe(false)
      expect(greenlet.exception).toBe(error)
      expect(yield* raisedBy(greenlet.get())).toBe(error)
      expect(reports.length).toBe(1)
    }),
  )
})

describe('kill of a waiting greenlet', () => {
  test(
    'waits until it is dead',
    program(function* () {
      const greenlet = spawn(() => sleep(10_000))
      yield* sleep(0)
      expect(yield* greenlet.kill()).toBeUndefined()
      expect(greenlet.dead).toBe(true)
      expect(greenlet.successful()).toBe(true)
      expect(greenlet.value).toBeInstanceOf(GreenletExit)
      expect(greenlet.exception).toBeUndefined()
    }),
  )

  test(
    'takes effect even if the caller does not wait for it',
    program(function* () {
      const greenlet = spawn(() => sleep(10_000))
      yield* sleep(0)
      greenlet.kill()
      expect(greenlet.dead).toBe(false)
      yield* turns(2)
      expect(greenlet.dead).toBe(true)
    }),
  )

  test(
    'does not wait without block',
    program(function* () {
      const greenlet = spawn(() => sleep(10_000))
      yield* sleep(0)
      yield* greenlet.kill(undefined, { block: false })
      expect(greenlet.dead).toBe(false)
      yield* greenlet.join()
      expect(greenlet.value).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'accepts options in place of the error',
    program(function* () {
      const greenlet = spawn(() => sleep(10_000))
      yield* sleep(0)
      yield* greenlet.kill({ block: false })
      expect(greenlet.dead).toBe(false)
      yield* greenlet.kill({ timeout: 1000 })
      expect(greenlet.dead).toBe(true)
    }),
  )

  test(
    'waits for a greenlet that swallows its exit to end by itself, and keeps its value',
    program(function* () {
      const greenlet = spawn(function* () {
        try {
          yield* sleep(10_000)
        } catch {
          yield* sleep(5)
        }
        return 'survived'
      })
      yield* sleep(0)
      yield* greenlet.kill()
      expect(greenlet.value).toBe('survived')
      expect(greenlet.successful()).toBe(true)
    }),
  )

  test(
    'keeps the value of a greenlet that returns on its exit',
    program(function* () {
      const greenlet = spawn(function* () {
        try {
          yield* sleep(10_000)
        } catch {
          return 'rv'
        }
        return 'not killed'
      })
      yield* sleep(0)
      yield* greenlet.kill()
      expect(greenlet.value).toBe('rv')
    }),
  )

  test(
    'waits for finally blocks or its timeout, and the blocks are completed either way',
    program(function* () {
      for (const [timeout, expected] of [
        [undefined, ['cleaned up']],
        [1, []],
      ] as const) {
        const log: string[] = []
        const greenlet = spawn(function* () {
          try {
            yield* sleep(10_000)
          } finally {
            yield* sleep(15)
            log.push('cleaned up')
          }
        })
        yield* sleep(0)
        yield* greenlet.kill(undefined, timeout === undefined ? {} : { timeout })
        expect(log).toEqual(expected)
        yield* greenlet.join()
        expect(log).toEqual(['cleaned up'])
        expect(greenlet.value).toBeInstanceOf(GreenletExit)
      }
    }),
  )

  test(
    'runs the finally blocks of all nested calls, innermost first, which may block',
    program(function* () {
      const log: string[] = []
      function* nested(depth: number): ReturnType<typeof turns> {
        try {
          if (depth === 0) yield* sleep(10_000)
          else yield* nested(depth - 1)
        } finally {
          yield* sleep(0)
          log.push(`${depth}`)
        }
      }
      const greenlet = spawn(nested, 3)
      yield* sleep(0)
      yield* greenlet.kill()
      expect(log).toEqual(['0', '1', '2', '3'])
    }),
  )

  test(
    'delivers every kill, one after the other, to a greenlet that swallows them',
    program(function* () {
      const log: number[] = []
      const greenlet = spawn(function* () {
        for (let at = 0; at < 3; at += 1) {
          try {
            yield* sleep(10_000)
          } catch (error) {
            expect(error).toBeInstanceOf(GreenletExit)
            log.push(at)
          }
        }
      })
      yield* sleep(0)
      greenlet.kill(undefined, { block: false })
      greenlet.kill(undefined, { block: false })
      yield* turns(2)
      expect(log).toEqual([0, 1])
      yield* greenlet.kill()
      expect(log).toEqual([0, 1, 2])
    }),
  )

  test(
    'does nothing to a dead greenlet',
    program(function* () {
      const greenlet = spawn(() => 5)
      yield* greenlet.join()
      yield* greenlet.kill()
      yield* greenlet.kill(new RangeError('boom'))
      expect(greenlet.value).toBe(5)
    }),
  )

  test(
    'with an error throws it where the greenlet waits, which may catch it',
    program(function* () {
      const error = new RangeError('boom')
      const greenlet = spawn(function* () {
        try {
          yield* sleep(10_000)
        } catch (caught) {
          return caught
        }
        return 'not killed'
      })
      yield* sleep(0)
      yield* greenlet.kill(error)
      expect(greenlet.value).toBe(error)
    }),
  )

  test(
    'with an error that the greenlet does not catch makes it fail',
    program(function* () {
      const reports = collectReports()
      const error = new RangeError('expected')
      const greenlet = spawn(() => sleep(10_000))
      yield* sleep(0)
      yield* greenlet.kill(error)
      expect(yield* raisedBy(greenlet.get())).toBe(error)
      expect(greenlet.value).toBeUndefined()
      expect(reports.length).toBe(1)
    }),
  )

  test(
    'instantiates an error class, or a subclass of GreenletExit',
    program(function* () {
      collectReports()
      class Leave extends GreenletExit {}
      const [a, b] = [spawn(() => sleep(10_000)), spawn(() => sleep(10_000))]
      yield* sleep(0)
      yield* a.kill(RangeError)
      yield* b.kill(Leave)
      expect(a.exception).toBeInstanceOf(RangeError)
      expect(b.value).toBeInstanceOf(Leave)
    }),
  )

  test(
    'rejects anything but an error up front, and the greenlet is unaffected',
    program(function* () {
      const greenlet = spawn(function* () {
        yield* sleep(2)
        return 5
      })
      yield* sleep(0)
      for (const wrong of [42, 'text', String, [], new Map()]) {
        expect(thrownBy(() => greenlet.kill(wrong as never))).toBeInstanceOf(TypeError)
      }
      expect(yield* greenlet).toBe(5)
    }),
  )

  test(
    'ends a greenlet that is about to wake, before or after it has run to its next wait',
    program(function* () {
      const log: string[] = []
      const event = new Event()
      const greenlet = spawn(function* () {
        try {
          yield* event.wait()
          log.push('woken')
          yield* sleep(10_000)
        } catch (error) {
          log.push((error as Error).name)
          throw error
        }
      })
      yield* sleep(0)
      event.set()
      yield* greenlet.kill()
      expect(log.at(-1)).toBe('GreenletExit')
      expect(greenlet.value).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'does not affect another greenlet that the victim joins',
    program(function* () {
      const event = new Event()
      const other = spawn(function* () {
        yield* event.wait()
        return 5
      })
      const victim = spawn(() => other.join())
      yield* sleep(0)
      yield* victim.kill()
      expect(other.linkCount()).toBe(0)
      event.set()
      expect(yield* other).toBe(5)
    }),
  )

  test(
    'lets two greenlets kill each other',
    program(function* () {
      const a: Greenlet<unknown> = spawn(() => b.kill())
      const b: Greenlet<unknown> = spawn(() => a.kill())
      yield* a.join()
      yield* b.join()
      expect(a.dead && b.dead).toBe(true)
    }),
  )
})

test(
  'a kill and an error that ends the wait are delivered in the order in which they came',
  program(function* () {
    const reports = collectReports()
    const fails: ((error: Error) => void)[] = []
    const waiter = () => spawn(() => fromCallback((resume) => void fails.push(resume)))
    const greenlets = [waiter(), waiter(), waiter(), waiter()] as const
    const [killed, together, failed, raw] = greenlets
    yield* turns(1)
    killed.kill()
    killall([together])
    kill(raw)
    fails[2]!(new Error('before'))
    failed.kill()
    for (const fail of fails) fail(new Error('after'))
    yield* joinall(greenlets)
    for (const greenlet of [killed, together, raw]) expect(greenlet.value).toBeInstanceOf(GreenletExit)
    expect(failed.exception).toEqual(new Error('before'))
    expect(reports.map(({ context }) => context === failed)).toEqual([true])
  }),
)

test(
  'the first of two kills before an error that ends the wait is thrown first, whatever it throws',
  program(function* () {
    const seen: unknown[] = []
    const mine = new Error('mine')
    let end: (error: Error) => void = () => {}
    const greenlet = spawn(function* () {
      try {
        yield* fromCallback((resume) => {
          end = resume
        })
      } catch (error) {
        seen.push(error)
      }
      yield* sleep(60_000)
    })
    yield* turns(1)
    greenlet.kill(mine)
    greenlet.kill()
    end(new Error('after'))
    yield* greenlet.join()
    expect(seen).toEqual([mine])
    expect(greenlet.value).toBeInstanceOf(GreenletExit)
  }),
)

describe('a greenlet that kills itself', () => {
  test(
    'with block runs its finally blocks, but not the code after the kill',
    program(function* () {
      const log: string[] = []
      const greenlet = spawn(function* () {
        try {
          yield* (getcurrent() as Greenlet).kill()
          log.push('after')
        } finally {
          log.push('finally')
        }
      })
      yield* greenlet.join()
      expect(log).toEqual(['finally'])
      expect(greenlet.value).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'without block goes on until its next wait',
    program(function* () {
      const log: string[] = []
      const greenlet = spawn(function* () {
        yield* (getcurrent() as Greenlet).kill(undefined, { block: false })
        log.push('went on')
        yield* sleep(10_000)
        log.push('after')
      })
      yield* greenlet.join()
      expect(log).toEqual(['went on'])
    }),
  )
})

describe('a kill is certain', () => {
  test(
    'a greenlet that swallows every exit is ended after its grace period',
    program(function* () {
      let caught = 0
      const greenlet = spawn(function* () {
        for (;;) {
          try {
            yield* sleep(10_000)
          } catch {
            caught += 1
          }
        }
      })
      yield* sleep(0)
      yield* greenlet.kill(undefined, { grace: 5 })
      expect(caught).toBe(2)
      expect(greenlet.dead).toBe(true)
      expect(greenlet.value).toBeInstanceOf(GreenletExit)
      yield* sleep(5)
      expect(caught).toBe(2)
    }),
  )

  test(
    'a greenlet that swallows every exit in a sleep(0) loop is ended after its grace period',
    program(function* () {
      const greenlet = spawn(function* () {
        for (;;) {
          try {
            yield* sleep(0)
          } catch {}
        }
      })
      yield* sleep(0)
      yield* greenlet.kill({ grace: 5 })
      expect(greenlet.dead).toBe(true)
    }),
  )

  test(
    'a greenlet ended by force leaves the queue it waits on, so no item is lost',
    program(function* () {
      const queue = new Queue<number>()
      const greenlet = spawn(function* () {
        for (;;) {
          try {
            yield* queue.get()
          } catch {}
        }
      })
      yield* sleep(0)
      yield* greenlet.kill({ grace: 2 })
      yield* queue.put(1)
      yield* turns(2)
      expect(yield* queue.get({ block: false })).toBe(1)
    }),
  )

  test(
    'a late answer from outside to a greenlet that was ended by force is ignored',
    program(function* () {
      let answer: ((error?: unknown, value?: number) => void) | undefined
      const greenlet = spawn(function* () {
        for (;;) {
          try {
            yield* fromCallback<number>((resume) => {
              answer = resume
            })
          } catch {}
        }
      })
      yield* sleep(0)
      yield* greenlet.kill({ grace: 2 })
      answer!(null, 5)
      yield* turns(2)
      expect(greenlet.value).toBeInstanceOf(GreenletExit)
      expect(yield* getHub().join()).toBe(true)
    }),
  )

  test(
    'a greenlet in a sleep(0) loop takes no more turns once it was ended by force',
    program(function* () {
      let turnsTaken = 0
      const greenlet = spawn(function* () {
        for (;;) {
          try {
            turnsTaken += 1
            yield* sleep(0)
          } catch {}
        }
      })
      yield* sleep(0)
      yield* greenlet.kill({ grace: 2 })
      const taken = turnsTaken
      yield* turns(3)
      expect(greenlet.ready()).toBe(true)
      expect(turnsTaken).toBe(taken)
    }),
  )

  test(
    'a greenlet ended by force runs its `finally` blocks, each up to where it would wait',
    program(function* () {
      const reports = collectReports()
      const log: string[] = []
      const inner = coroutine(function* (): Coroutine<void> {
        try {
          yield* stubborn()
        } finally {
          log.push('inner')
          yield* sleep(1)
          log.push('never')
        }
      })
      function* middle() {
        try {
          yield* inner()
        } finally {
          log.push(`middle in ${getcurrent().constructor.name}`)
          yield* sleep(0)
          log.push('never')
        }
      }
      const greenlet = spawn(function* () {
        try {
          try {
            yield* middle()
          } finally {
            log.push('outer')
            new Array(-1)
          }
        } finally {
          log.push('outermost')
        }
      })
      yield* sleep(0)
      yield* greenlet.kill({ grace: 2 })
      expect(log).toEqual(['inner', 'middle in Greenlet', 'outer', 'outermost'])
      expect(greenlet.value).toBeInstanceOf(GreenletExit)
      expect(reports).toEqual([expect.objectContaining({ error: expect.any(RangeError) })])
      yield* turns(3)
      expect(log).toHaveLength(4)
      expect(getcurrent()).not.toBe(greenlet)
    }),
  )

  test(
    'a greenlet ended by force leaves no lock, link, stream or other greenlet behind',
    program(function* () {
      const lock = new RLock()
      const event = new Event()
      const stream = new PassThrough()
      const child = spawn(() => sleep(60_000))
      const greenlets = [
        spawn(function* () {
          using _held = yield* lock.hold()
          yield* stubborn()
        }),
        spawn(() => each(iwait([event, spawn(() => 1)]), stubborn)),
        spawn(() => each(iterate(stream), stubborn)),
        spawn(() => withGreenlet(child, stubborn)),
      ]
      stream.write('chunk')
      yield* sleep(2)
      expect(event.linkCount()).toBe(1)
      for (const greenlet of greenlets) yield* greenlet.kill({ grace: 2 })
      expect(lock.locked()).toBe(false)
      expect(event.linkCount()).toBe(0)
      expect(stream.destroyed).toBe(true)
      yield* turns(2)
      expect(child.dead).toBe(true)
    }),
  )

  test(
    'a `finally` block that never ends does not keep a greenlet from being ended by force',
    program(function* () {
      const goesOn = true
      const greenlet = spawn(function* () {
        for (;;) {
          try {
            yield* sleep(60_000)
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: this is what is tested
            if (goesOn) continue
          }
        }
      })
      yield* sleep(0)
      yield* greenlet.kill({ grace: 2 })
      expect(greenlet.dead).toBe(true)
    }),
  )

  test(
    'a shield holds the kill off until cleanup is done',
    program(function* () {
      const log: string[] = []
      const greenlet = spawn(function* () {
        yield* shield(
          (function* () {
            yield* sleep(20)
            log.push('cleaned up')
          })(),
        )
        log.push('after')
      })
      yield* sleep(0)
      yield* greenlet.kill({ grace: 2 })
      expect(log).toEqual(['cleaned up'])
      expect(greenlet.value).toBeInstanceOf(GreenletExit)
    }),
  )

  test('the grace period of a greenlet that swallows exits behind a shield begins when the shield is left', async () => {
    const ended = await virtualTime(function* (clock) {
      const greenlet = spawn(function* () {
        for (let first = true; ; first = false) {
          try {
            yield* first ? shield(sleep(100)) : sleep(10_000)
          } catch {
            // Refuse to end.
          }
        }
      })
      yield* sleep(0)
      yield* greenlet.kill({ grace: 20, timeout: 1000 })
      return [greenlet.ready(), clock.now() >= 100 && clock.now() <= 160]
    })
    expect(ended).toEqual([true, true])
  })

  test('one that refuses and shields its work each time is ended between two shields', async () => {
    const ended = await virtualTime(function* () {
      const greenlet = spawn(function* () {
        for (;;) {
          try {
            yield* shield(sleep(30))
            yield* sleep(10_000)
          } catch {
            // It refuses.
          }
        }
      })
      yield* sleep(0)
      yield* greenlet.kill({ grace: 20, timeout: 1000 })
      return greenlet.ready()
    })
    expect(ended).toBe(true)
  })

  test(
    'several errors that come before the greenlet has its turn are thrown one after the other',
    program(function* () {
      const caught: string[] = []
      const greenlet = spawn(function* () {
        for (let turn = 0; turn < 10; turn += 1) {
          try {
            yield* sleep(0)
          } catch (error) {
            caught.push((error as Error).message)
          }
        }
      })
      yield* sleep(0)
      for (const message of ['first', 'second', 'third']) greenlet.kill(new RangeError(message))
      yield* greenlet
      expect(caught).toEqual(['first', 'second', 'third'])
    }),
  )

  test(
    'a kill with an error is not: the error is thrown only once',
    program(function* () {
      let caught = 0
      const greenlet = spawn(function* () {
        while (caught < 2) {
          try {
            yield* sleep(10_000)
          } catch {
            caught += 1
          }
        }
        return 'done'
      })
      yield* sleep(0)
      yield* greenlet.kill(new RangeError('boom'), { grace: 1, timeout: 10 })
      expect(caught).toBe(1)
      yield* greenlet.kill(new RangeError('boom'))
      expect(greenlet.value).toBe('done')
    }),
  )

  test('invalid options are rejected up front', () => {
    const greenlet = spawn(() => 1)
    expect(() => greenlet.kill(undefined, { timeout: '5' as never })).toThrow(TypeError)
    greenlet.kill()
  })
})

describe('control errors', () => {
  test(
    'an exit passes through attempt, and isControlError recognises it',
    program(function* () {
      const log: unknown[] = []
      const greenlet = spawn(function* () {
        const result = yield* attempt(sleep(10_000))
        log.push(result)
      })
      yield* sleep(0)
      yield* greenlet.kill()
      expect(log).toEqual([])
      expect(isControlError(new GreenletExit())).toBe(true)
      expect(isControlError(new Timeout(1))).toBe(true)
      expect(isControlError(new Error('x'))).toBe(false)
    }),
  )
})

describe('killall', () => {
  test(
    'ends all greenlets and returns nothing; those that have not run never do',
    program(function* () {
      const log: string[] = []
      const all = [0, 1, 2].map(() => spawn(() => log.push('ran')))
      expect(yield* killall(all)).toBeUndefined()
      expect(all.every((one) => one.dead && (one.value as unknown) instanceof GreenletExit)).toBe(true)
      expect(log).toEqual([])
      yield* killall([])
    }),
  )

  test(
    'accepts any iterable, and does not wait without block',
    program(function* () {
      const all = new Set([spawn(() => sleep(10_000)), spawn(() => sleep(10_000))])
      yield* sleep(0)
      yield* killall(all, undefined, { block: false })
      expect([...all].map((one) => one.dead)).toEqual([false, false])
      yield* turns(2)
      expect([...all].map((one) => one.dead)).toEqual([true, true])
    }),
  )

  test(
    'a greenlet that resists does not protect the others, and the call raises Timeout',
    program(function* () {
      const stubborn = spawn(function* () {
        try {
          yield* sleep(10_000)
        } catch {
          yield* sleep(20)
        }
        return 'done'
      })
      const other = spawn(() => sleep(10_000))
      yield* sleep(0)
      const error = yield* raisedBy(killall([stubborn, other], undefined, { timeout: 3 }))
      expect(error).toBeInstanceOf(Timeout)
      expect(other.dead).toBe(true)
      expect(yield* stubborn).toBe('done')
    }),
  )

  test(
    'with a timeout, greenlets that have not run are dead when it returns',
    program(function* () {
      const all = [spawn(() => 1), spawn(() => 2), spawnLater(10_000, () => 3)]
      yield* killall(all, undefined, { timeout: 500 })
      expect(all.map((one) => one.dead)).toEqual([true, true, true])
    }),
  )

  test(
    'throws the given error into each greenlet',
    program(function* () {
      collectReports()
      const all = [0, 1].map(() => spawn(() => sleep(10_000)))
      yield* sleep(0)
      yield* killall(all, RangeError)
      expect(all.map((one) => (one.exception as Error).name)).toEqual(['RangeError', 'RangeError'])
    }),
  )

  test(
    'ends raw greenlets too, and waits until they are dead',
    program(function* () {
      const log: string[] = []
      const unstarted = spawnRaw(() => log.push('ran'))
      const waiting = spawnRaw(function* () {
        try {
          yield* sleep(10_000)
        } finally {
          log.push('ended')
        }
      })
      yield* sleep(0)
      log.length = 0
      const late = spawnRaw(() => log.push('late'))
      yield* killall([unstarted, waiting, late])
      expect([unstarted.dead, waiting.dead, late.dead]).toEqual([true, true, true])
      expect(log).toEqual(['ended'])
    }),
  )

  test(
    'may be called by a greenlet in the list',
    program(function* () {
      const log: string[] = []
      const all: Greenlet<unknown>[] = []
      all.push(
        spawn(function* () {
          yield* killall(all)
          log.push('after')
        }),
        spawn(() => sleep(10_000)),
      )
      yield* all[0]!.join()
      yield* all[1]!.join()
      expect(log).toEqual([])
    }),
  )

  test('rejects anything but greenlets up front, and kills none', () => {
    const greenlet = spawn(() => sleep(10_000))
    expect(() => killall([greenlet, 5 as never])).toThrow(TypeError)
    expect(() => killall(5 as never)).toThrow(TypeError)
    expect(() => killall([greenlet], 42 as never)).toThrow(TypeError)
    expect(greenlet.dead).toBe(false)
    greenlet.kill()
  })
})

describe('kill as a function', () => {
  test(
    'works on greenlets and raw greenlets, and does not wait',
    program(function* () {
      const greenlet = spawn(() => sleep(10_000))
      const raw = spawnRaw(() => sleep(10_000))
      yield* sleep(0)
      kill(greenlet)
      kill(raw)
      expect([greenlet.dead, raw.dead]).toEqual([false, false])
      yield* turns(2)
      expect([greenlet.dead, raw.dead]).toEqual([true, true])
    }),
  )

  test(
    'reports the error that ends a raw greenlet before its start, as that of any greenlet',
    program(function* () {
      const reports = collectReports()
      const [first, second] = [new RangeError('first'), new RangeError('second')]
      const [greenlet, raw, exited] = [spawn(() => 1), spawnRaw(() => 1), spawnRaw(() => 1)]
      kill(greenlet, first)
      kill(raw, second)
      kill(exited)
      yield* turns(1)
      expect(reports.map(({ error }) => error)).toEqual([first, second])
      expect(reports[1]!.context).toBe(raw)
      expect(exited.dead).toBe(true)
    }),
  )

  test('rejects anything but a greenlet', () => {
    expect(() => kill(5 as never)).toThrow(TypeError)
    const greenlet = spawn(() => 1)
    expect(() => kill(greenlet, 'text' as never)).toThrow(TypeError)
    greenlet.kill()
  })
})

test(
  'null in place of the error means GreenletExit, for kill, killall and greenlets',
  program(function* () {
    const none = null as never
    const greenlets = [1, 2, 3].map(() => spawn(() => sleep(10_000)))
    yield* sleep(0)
    kill(greenlets[0]!, none)
    yield* killall([greenlets[1]!], none)
    yield* greenlets[2]!.kill(none)
    for (const greenlet of greenlets) expect(yield* greenlet).toBeInstanceOf(GreenletExit)
  }),
)

test('a grace that is not a number and greenlets that are not iterable are rejected up front', () => {
  const greenlet = new Greenlet(() => 1)
  expect(() => greenlet.kill({ grace: NaN })).toThrow('Expected `grace` to be a number of milliseconds, got NaN')
  expect(greenlet.dead).toBe(false)
  expect(() => killall(undefined as never)).toThrow('Expected `greenlets` to be iterable, got undefined')
})

test(
  'the grace period does not expire for a greenlet that a busy program has not let run since the kill',
  program(function* () {
    const log: string[] = []
    const victim = spawn(function* () {
      try {
        for (;;) yield* sleep(0)
      } finally {
        yield* sleep(1)
        log.push('cleaned up')
      }
    })
    yield* turns(1)
    const killed = victim.kill({ grace: 50 })
    for (let made = 0; made < 100; made += 1) spawn(() => busyFor(2))
    yield* killed
    expect(log).toEqual(['cleaned up'])
  }),
)

/** Keeps the thread busy for the given number of milliseconds. */
function busyFor(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}
