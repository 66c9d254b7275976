import {
  AsyncResult,
  BlockingSwitchOutError,
  type Coroutine,
  Event,
  FatalError,
  Greenlet,
  GreenletExit,
  getcurrent,
  getHub,
  getswitchinterval,
  InvalidSwitchError,
  idle,
  kill,
  LoopExit,
  type Operation,
  Queue,
  Semaphore,
  setswitchinterval,
  sleep,
  spawn,
  spawnRaw,
  Timeout,
  until,
  wait,
} from '@greenlit/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { collectReports, program, raisedBy, turns } from '../support.ts'

const hub = getHub()

/** Collects what the hub writes to its exception stream for the rest of the test. */
function collectWrites(): string[] {
  const written: string[] = []
  const before = hub.exceptionStream
  hub.exceptionStream = { write: (text) => written.push(text) }
  onTestFinished(() => {
    hub.exceptionStream = before
  })
  return written
}

describe('the hub', () => {
  test('is a single greenlet, a child of main, and the parent of spawned greenlets', () => {
    expect(getHub()).toBe(hub)
    expect(hub.parent).toBe(getcurrent())
    expect(hub.minimalIdent).toBe(0)
    const raw = spawnRaw(() => 1)
    expect(raw.parent).toBe(hub)
    kill(raw)
  })

  test(
    'is also the parent of greenlets spawned by greenlets',
    program(function* () {
      const child = yield* spawn(function* () {
        return spawn(function* () {}).parent
      })
      expect(child).toBe(hub)
    }),
  )
})

describe('settings of the hub', () => {
  test('are validated on assignment: reportErrors and exceptionStream', () => {
    const { reportErrors, exceptionStream } = hub
    for (const wrong of ['never', '', undefined, true])
      expect(() => {
        hub.reportErrors = wrong as never
      }).toThrow(/`reportErrors` to be 'always' or 'unobserved'/)
    for (const wrong of [{}, 'log', 5, { write: 'no function' }])
      expect(() => {
        hub.exceptionStream = wrong as never
      }).toThrow(/`exceptionStream.write` to be a function/)
    expect([hub.reportErrors, hub.exceptionStream]).toEqual([reportErrors, exceptionStream])
    hub.exceptionStream = undefined
    expect(hub.exceptionStream).toBe(undefined)
    hub.exceptionStream = exceptionStream
  })
})

describe('switching to the hub', () => {
  test('a callback runs with the hub as its current greenlet, which is the parent of greenlets created there', () =>
    program(function* () {
      const seen: unknown[] = []
      const done = new Event()
      hub.runCallback(() => {
        seen.push(getcurrent() === (hub as unknown), new Greenlet(() => {}).parent === (hub as unknown))
        done.set()
      })
      yield* done.wait()
      const linked = spawn(() => {})
      linked.link(() => seen.push(getcurrent() === (hub as unknown)))
      yield* linked.join()
      yield* sleep(0)
      expect(seen).toEqual([true, true, true])
      expect(getcurrent()).not.toBe(hub)
    }))

  test(
    'parks the greenlet until a callback of the hub switches back, with a value or an error',
    program(function* () {
      const log: unknown[] = []
      const parked = spawn(function* () {
        log.push(yield* hub.switch())
        log.push(yield* raisedBy(hub.switch()))
        return 'end'
      })
      yield* sleep(0)
      const error = new RangeError('boom')
      hub.runCallback(() => {
        log.push('before')
        return parked.switch('value')
      })
      hub.runCallback(function* () {
        yield* parked.throw(error)
        log.push('after')
      })
      expect(yield* parked).toBe('end')
      expect(log).toEqual(['before', 'value', error, 'after'])
    }),
  )

  test('parks main too', async () => {
    const main = getcurrent()
    setTimeout(() => hub.runCallback(() => main.switch(5)), 2)
    expect(await hub.switch()).toBe(5)
  })

  test(
    'a callback may throw into an unstarted greenlet, which then never runs, and whose links are called',
    program(function* () {
      const reports = collectReports()
      const log: string[] = []
      const error = new RangeError('boom')
      const victim = new Greenlet(() => log.push('ran'))
      victim.rawlink(() => log.push('linked'))
      hub.runCallback(() => victim.throw(error))
      yield* turns(2)
      victim.start()
      expect(yield* raisedBy(victim.get())).toBe(error)
      expect(log).toEqual(['linked'])
      expect(reports.length).toBe(1)
    }),
  )

  test(
    'a callback that switches to a greenlet that waits for something else raises InvalidSwitchError there',
    program(function* () {
      collectReports()
      const victim = spawn(() => sleep(10_000))
      yield* sleep(0)
      hub.runCallback(() => victim.switch(5))
      expect(yield* raisedBy(victim.get())).toBeInstanceOf(InvalidSwitchError)
    }),
  )
})

describe('hub.join', () => {
  test('waits for all work, returns true each time, and leaves the hub usable', async () => {
    const log: string[] = []
    spawn(function* () {
      yield* sleep(5)
      log.push('slept')
    })
    expect(await hub.join()).toBe(true)
    expect(log).toEqual(['slept'])
    expect(await hub.join()).toBe(true)
    await sleep(1)
    expect(await hub.join()).toBe(true)
    expect(await spawn(() => 5)).toBe(5)
  })

  test('returns false on timeout', async () => {
    const sleeper = spawn(function* () {
      yield* sleep(10_000)
    })
    expect(await hub.join({ timeout: 5 })).toBe(false)
    await sleeper.kill()
    expect(await hub.join()).toBe(true)
  })

  test('waits for promises that greenlets wait for', async () => {
    let finished = false
    spawn(function* () {
      yield* until(new Promise((resolve) => setTimeout(resolve, 5)))
      finished = true
    })
    expect(await hub.join()).toBe(true)
    expect(finished).toBe(true)
  })

  test('waits neither for a timer that does not keep the program alive nor for a greenlet that waits forever', async () => {
    const sleeper = spawn(function* () {
      yield* sleep(10_000, { ref: false })
    })
    const waiter = spawn(function* () {
      yield* new Event().wait()
    })
    expect(await wait()).toBe(true)
    expect(await wait(undefined, { timeout: 5 })).toBe(true)
    await sleeper.kill()
    await waiter.kill()
  })
})

describe('deadlock', () => {
  const blocked: [string, () => Operation<unknown>][] = [
    ['Event.wait', () => new Event().wait()],
    ['AsyncResult.get', () => new AsyncResult().get()],
    ['Queue.get', () => new Queue().get()],
    ['Semaphore.acquire', () => new Semaphore(0).acquire()],
  ]
  for (const [name, block] of blocked) {
    test(`${name} in main raises LoopExit if nothing can end it, and the hub is usable afterwards`, async () => {
      const error = await block().then(
        () => expect.fail('it came back'),
        (reason: unknown) => reason,
      )
      expect(error).toBeInstanceOf(LoopExit)
      expect((error as LoopExit).code).toBe('LOOP_EXIT')
      expect((error as LoopExit).message).toContain('would block forever')
      expect((error as LoopExit).message).toContain(name)
      expect(await spawn(() => 'usable')).toBe('usable')
    })
  }

  test('the message lists each parked greenlet, what it waits on and where it was spawned', async () => {
    const event = new Event()
    function spawnHere() {
      return spawn(function* () {
        yield* event.wait()
      })
    }
    const stuck = spawnHere()
    stuck.name = 'the stuck one'
    const error: LoopExit = await stuck.join().then(
      () => expect.fail('it came back'),
      (reason) => reason,
    )
    expect(error).toBeInstanceOf(LoopExit)
    expect(error.message).toContain('the stuck one')
    expect(error.message).toContain('Event.wait')
    expect(error.message).toContain('spawnHere')
    expect(stuck.ready()).toBe(false)
    event.set()
    await stuck.join()
  })

  test('a wait that a plain timer ends later is not a deadlock', async () => {
    const event = new Event()
    setTimeout(() => event.set(), 60)
    expect(await event.wait()).toBe(true)
  })

  test('main may catch LoopExit like any error, and go on', async () => {
    const log: string[] = []
    await (async () => {
      try {
        await new Event().wait()
      } catch (error) {
        log.push((error as Error).name)
      }
    })()
    expect(log).toEqual(['LoopExit'])
  })
})

describe('runCallback', () => {
  test(
    'callbacks run in the hub, in order with greenlets',
    program(function* () {
      const log: string[] = []
      spawn(function* () {
        log.push('first greenlet')
      })
      const handle = hub.runCallback((name: string) => log.push(name), 'callback')
      spawn(function* () {
        log.push('second greenlet')
      })
      expect(handle.pending).toBe(true)
      yield* sleep(0)
      expect(log).toEqual(['first greenlet', 'callback', 'second greenlet'])
      expect(handle.pending).toBe(false)
    }),
  )

  test(
    'a stopped callback never runs',
    program(function* () {
      const log: string[] = []
      const handle = hub.runCallback(() => log.push('ran'))
      handle.stop()
      expect(handle.pending).toBe(false)
      yield* turns(2)
      expect(log).toEqual([])
    }),
  )

  test(
    'a callback queued during a batch runs in the same batch',
    program(function* () {
      const log: string[] = []
      let isNextTick = false
      setImmediate(() => {
        isNextTick = true
      })
      hub.runCallback(() => {
        hub.runCallback(() => log.push(`inner ${isNextTick}`))
      })
      yield* turns(2)
      expect(log).toEqual(['inner false'])
    }),
  )

  test(
    'a blocking call in a callback raises BlockingSwitchOutError there, which is reported',
    program(function* () {
      const reports = collectReports()
      const caught: unknown[] = []
      hub.runCallback(function* () {
        yield* sleep(0)
      })
      hub.runCallback(function* () {
        try {
          yield* sleep(1)
        } catch (error) {
          caught.push(error)
        }
      })
      yield* turns(2)
      expect(reports.map(({ error }) => (error as Error).name)).toEqual(['BlockingSwitchOutError'])
      expect(caught[0]).toBeInstanceOf(BlockingSwitchOutError)
    }),
  )

  test(
    'the error of a callback is reported, and the next callback runs',
    program(function* () {
      const reports = collectReports()
      const log: string[] = []
      const error = new RangeError('boom')
      hub.runCallback(() => {
        throw error
      })
      hub.runCallback(() => log.push('next'))
      yield* turns(2)
      expect(reports.map((report) => report.error)).toEqual([error])
      expect(log).toEqual(['next'])
    }),
  )

  test(
    'an async generator function does not keep the hub waiting forever',
    program(function* () {
      hub.runCallback(async function* () {
        yield 1
      })
      yield* turns(2)
    }),
  )

  test('anything but a function is rejected up front', () => {
    expect(() => hub.runCallback(5 as never)).toThrow(TypeError)
  })
})

describe('reports', () => {
  test(
    "a greenlet's error is reported once, with the greenlet, even if another greenlet gets it",
    program(function* () {
      const reports = collectReports()
      const error = new RangeError('boom')
      const failing = spawn(function* () {
        throw error
      })
      expect(yield* raisedBy(failing.get())).toBe(error)
      expect(yield* raisedBy(failing.get())).toBe(error)
      expect(reports.length).toBe(1)
      expect(reports[0]!.context).toBe(failing)
      expect(reports[0]!.error).toBe(error)
    }),
  )

  test(
    'a GreenletExit is not reported',
    program(function* () {
      const reports = collectReports()
      const written = collectWrites()
      yield* spawn(function* () {
        throw new GreenletExit()
      })
      expect(reports).toEqual([])
      expect(written).toEqual([])
    }),
  )

  test(
    'the text contains the stack, the time, the greenlet, the kind of error and the spawn site',
    program(function* () {
      const written = collectWrites()
      function spawnHere() {
        return spawn(function* failing() {
          throw new RangeError('boom')
        })
      }
      const failing = spawnHere()
      failing.name = 'the failing one'
      yield* failing.join()
      expect(written.length).toBe(1)
      expect(written[0]).toMatch(/RangeError: boom\n\s+at \S*failing/)
      expect(written[0]).toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* <Greenlet the failing one> failed with RangeError/)
      expect(written[0]).toContain('spawnHere')
    }),
  )

  test(
    'the kind of error is its name, or that of its class if it has no name of its own',
    program(function* () {
      const written = collectWrites()
      class JobError extends Error {}
      class Named extends Error {
        override name = 'other'
      }
      for (const error of [new JobError(), new Named(), new DOMException('', 'AbortError'), 'text']) {
        yield* spawn(() => {
          throw error
        }).join()
      }
      expect(written.map((text) => /failed with (.*)/.exec(text)?.[1])).toEqual([
        'JobError',
        'other',
        'AbortError',
        'string',
      ])
    }),
  )

  test(
    'the text also lists the causes of an error, even if they form a cycle',
    program(function* () {
      const written = collectWrites()
      const refused = new RangeError('connection refused', { cause: 'no route' })
      const itself = new Error('its own cause')
      itself.cause = itself
      const chicken = new Error('chicken')
      chicken.cause = new Error('egg', { cause: chicken })
      for (const thrown of [new Error('no page', { cause: refused }), itself, chicken]) {
        yield* spawn(() => {
          throw thrown
        }).join()
      }
      expect(written[0]).toMatch(
        /^Error: no page\n[\s\S]*\ncaused by RangeError: connection refused\n[\s\S]*\ncaused by no route\n/,
      )
      expect(written[1]).not.toContain('caused by')
      expect(written[2]).toMatch(/^Error: chicken\n[\s\S]*\ncaused by Error: egg\n/)
    }),
  )

  test(
    'nothing is written without an exception stream',
    program(function* () {
      const written = collectWrites()
      hub.exceptionStream = undefined
      yield* spawn(function* () {
        throw new RangeError('boom')
      }).join()
      expect(written).toEqual([])
    }),
  )

  test(
    'errors of the classes in NOT_ERROR are not written',
    program(function* () {
      const written = collectWrites()
      class Expected extends Error {}
      hub.NOT_ERROR.push(Expected)
      onTestFinished(() => void hub.NOT_ERROR.pop())
      yield* spawn(function* () {
        throw new Expected()
      }).join()
      expect(written).toEqual([])
    }),
  )

  test(
    'an error of the handler itself is printed with the one it was to handle, and does no further harm',
    program(function* () {
      const original = console.error
      const printed: unknown[] = []
      console.error = (...errors: unknown[]) => printed.push(...errors)
      collectReports()
      const failure = new Error('of the handler')
      hub.handleError = () => {
        throw failure
      }
      const error = new RangeError('boom')
      const failing = spawn(function* () {
        throw error
      })
      expect(yield* raisedBy(failing.get())).toBe(error)
      console.error = original
      expect(printed).toEqual([failure, error])
    }),
  )

  test(
    "with 'unobserved' only errors that nothing has looked at are reported",
    program(function* () {
      const reports = collectReports()
      hub.reportErrors = 'unobserved'
      onTestFinished(() => {
        hub.reportErrors = 'always'
      })
      function* fail() {
        throw new RangeError('boom')
      }
      const seen = spawn(fail)
      const unseen = spawn(fail)
      spawn(fail).link(() => {})
      const looked = spawn(fail)
      spawn(() => looked.exception)
      yield* raisedBy(seen.get())
      yield* turns(5)
      expect(reports.length).toBe(1)
      expect(reports[0]!.context).toBe(unseen)
    }),
  )
})

describe('system errors', () => {
  test('a FatalError of a greenlet is raised in main where it waits', async () => {
    const error = new FatalError('stop')
    spawn(function* () {
      throw error
    })
    await expect(sleep(10_000)).rejects.toBe(error)
  })

  test('a FatalError of a callback is raised in main too, as is an error of a class added to SYSTEM_ERROR', async () => {
    const error = new FatalError('stop')
    hub.runCallback(() => {
      throw error
    })
    await expect(sleep(10_000)).rejects.toBe(error)
    class Stop extends Error {}
    hub.SYSTEM_ERROR.push(Stop)
    onTestFinished(() => void hub.SYSTEM_ERROR.pop())
    spawn(() => {
      throw new Stop()
    })
    await expect(sleep(10_000)).rejects.toBeInstanceOf(Stop)
  })

  test('an error without a context is raised in main', async () => {
    const error = new RangeError('boom')
    hub.runCallback(() => hub.handleError(undefined, error))
    await expect(sleep(10_000)).rejects.toBe(error)
  })

  test('a FatalError is written while main does not wait', async () => {
    const written = collectWrites()
    spawn(function* () {
      throw new FatalError('stop')
    })
    while (written.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(written.join('')).toContain('FatalError: stop')
  })

  test('a kill of main is raised where it waits', async () => {
    const main = getcurrent()
    spawn(function* () {
      kill(main, new RangeError('out'))
    })
    await expect(sleep(10_000)).rejects.toThrow('out')
    spawn(function* () {
      kill(main)
    })
    await expect(sleep(10_000)).rejects.toBeInstanceOf(GreenletExit)
  })
})

describe('idle', () => {
  test(
    'returns after spawned greenlets have run',
    program(function* () {
      const log: string[] = []
      spawn(function* () {
        log.push('first')
        yield* turns(3)
        log.push('last')
      })
      yield* idle()
      expect(log).toEqual(['first', 'last'])
    }),
  )

  test(
    'may be timed out and killed',
    program(function* () {
      const busy = spawn(function* () {
        for (;;) yield* sleep(0)
      })
      const waiting = spawn(function* () {
        yield* idle()
      })
      const timeout = Timeout.startNew(5)
      expect(yield* raisedBy(idle())).toBe(timeout)
      yield* waiting.kill()
      yield* busy.kill()
    }),
  )
})

describe('the switch interval', () => {
  test('belongs to the hub, and must be a positive number', () => {
    onTestFinished(() => setswitchinterval(5))
    expect(getswitchinterval()).toBe(5)
    setswitchinterval(1)
    expect(getswitchinterval()).toBe(1)
    expect(hub.switchInterval).toBe(1)
    for (const wrong of [0, -1]) expect(() => setswitchinterval(wrong)).toThrow(RangeError)
    for (const wrong of [Number.NaN, '5']) expect(() => setswitchinterval(wrong as never)).toThrow(TypeError)
  })
})

describe('spawned raw greenlets', () => {
  test(
    'run in turn with other greenlets, get their arguments, and have their errors reported',
    program(function* () {
      const reports = collectReports()
      const log: unknown[] = []
      spawn(() => log.push('before'))
      spawnRaw(
        function* (...args: number[]): Coroutine<void> {
          log.push(args)
        },
        1,
        2,
      )
      const error = new RangeError('boom')
      const failing = spawnRaw(() => {
        throw error
      })
      yield* sleep(0)
      expect(log).toEqual(['before', [1, 2]])
      expect(reports).toEqual([{ context: failing, error }])
    }),
  )

  test('never run if they are killed before their turn', async () => {
    const log: string[] = []
    kill(spawnRaw(() => log.push('ran')))
    await sleep(0)
    expect(log).toEqual([])
  })
})
