import { inspect } from 'node:util'
import {
  BlockingSwitchOutError,
  type Coroutine,
  fromCallback,
  GreenletExit,
  getcurrent,
  getHub,
  greenlet,
  InvalidSwitchError,
  joinall,
  RawGreenlet,
  runSync,
  sleep,
  spawn,
} from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy, thrownBy } from '../support.ts'

const main = getcurrent()

describe('switching', () => {
  test('a greenlet does not run before its first switch', () => {
    const log: string[] = []
    const g = greenlet(function* () {
      log.push('ran')
    })
    expect(log).toEqual([])
    runSync(g.switch())
    expect(log).toEqual(['ran'])
  })

  test('two children of main take turns through main', () => {
    const log: number[] = []
    function* f() {
      log.push(1)
      yield* main.switch()
      log.push(2, 3)
    }
    const g = greenlet(f)
    const h = greenlet(f)
    const lengths = [g, h, h, g].map((child) => {
      runSync(child.switch())
      return log.length
    })
    expect(lengths).toEqual([1, 2, 4, 6])
    expect([g.dead, h.dead]).toEqual([true, true])
  })

  test('the first switch passes the arguments, a later one the result of the inner switch', () => {
    const g = greenlet(function* (x: string, y: string) {
      const z = yield* main.switch(`${x}${y}`)
      return `got ${z}`
    })
    expect(runSync(g.switch('x', 'y'))).toBe('xy')
    expect(runSync(g.switch('v'))).toBe('got v')
  })

  test('switching with no value passes undefined, with one the value itself, with several an array', () => {
    const seen: unknown[] = []
    const g = greenlet(function* () {
      for (;;) seen.push(yield* main.switch())
    })
    runSync(g.switch())
    runSync(g.switch())
    runSync(g.switch([1]))
    runSync(g.switch(1, 2))
    runSync(g.switch(undefined, undefined))
    expect(seen).toEqual([undefined, [1], [1, 2], [undefined, undefined]])
    runSync(g.throw())
  })

  test('a dead greenlet passes values switched to it on to its parent', () => {
    const g = greenlet(function* () {
      return 42
    })
    expect(runSync(g.switch())).toBe(42)
    expect(runSync(g.switch())).toBeUndefined()
    expect(runSync(g.switch(5))).toBe(5)
    expect(runSync(g.switch(5, 6))).toEqual([5, 6])
  })

  test('a dead greenlet with a new parent passes values to the new parent', () => {
    const g = greenlet(function* () {})
    runSync(g.switch())
    const heir = greenlet(function* (value: number) {
      return value + 1
    })
    g.parent = heir
    expect(runSync(g.switch(1))).toBe(2)
  })

  test('switching to the current greenlet returns the values at once', () => {
    expect(runSync(main.switch(7))).toBe(7)
    expect(runSync(main.switch())).toBeUndefined()
    const g = greenlet(function* (): Coroutine<unknown> {
      return [yield* getcurrent().switch(7), yield* getcurrent().switch(1, 2)]
    })
    expect(runSync(g.switch())).toEqual([7, [1, 2]])
  })

  test('a parent without a run function fails when a child ends, and the error goes to its own parent', () => {
    const child = greenlet(() => 1, greenlet())
    expect(() => runSync(child.switch())).toThrow(/Expected `run` to be set/)
    expect(child.dead).toBe(true)
  })

  test('main has no parent, is never dead, and is always active', () => {
    expect(main.parent).toBeUndefined()
    expect(main.dead).toBe(false)
    expect(main.active).toBe(true)
    let parent: RawGreenlet | undefined
    runSync(
      greenlet(function* () {
        parent = greenlet().parent
      }).switch(),
    )
    expect(parent).toBeInstanceOf(RawGreenlet)
    expect(parent).not.toBe(main)
  })

  test('the parent is the greenlet that is current at construction', () => {
    const made: RawGreenlet[] = []
    const outer = greenlet(function* () {
      made.push(greenlet(), greenlet(undefined, main))
    })
    runSync(outer.switch())
    expect(made[0]!.parent).toBe(outer)
    expect(made[1]!.parent).toBe(main)
    expect(outer.parent).toBe(main)
  })

  test('the result of a greenlet goes to its parent, not to the greenlet that switched to it', () => {
    const log: unknown[] = []
    const parent = greenlet(function* () {
      log.push(yield* main.switch())
      return 'end of the parent'
    })
    runSync(parent.switch())
    const child = greenlet(function* () {
      return 'rv'
    }, parent)
    expect(runSync(child.switch())).toBe('end of the parent')
    expect(log).toEqual(['rv'])
  })

  test('an unstarted parent is started with the result of the child', () => {
    const root = greenlet(function* (value: number) {
      return value + 1
    })
    const middle = greenlet(function* (value: number) {
      return value * 2
    }, root)
    const leaf = greenlet(function* () {
      return 6
    }, middle)
    expect(runSync(leaf.switch())).toBe(13)
    expect([root.dead, middle.dead, leaf.dead]).toEqual([true, true, true])
  })

  test('an unstarted parent that takes no argument runs too', () => {
    const root = greenlet(function* () {
      return 13
    })
    const leaf = greenlet(function* () {
      return 6
    }, root)
    expect(runSync(leaf.switch())).toBe(13)
  })

  test('a result skips dead ancestors and goes to the nearest live one', () => {
    const dead = greenlet(function* () {})
    runSync(dead.switch())
    const child = greenlet(function* () {
      return 'b'
    }, dead)
    expect(runSync(child.switch())).toBe('b')
  })

  test('an error skips dead ancestors too, and goes to the parent instead of the switcher', () => {
    const seen: unknown[] = []
    const parent = greenlet(function* () {
      try {
        yield* main.switch()
      } catch (error) {
        seen.push(error)
      }
      return 'handled'
    })
    runSync(parent.switch())
    const between = greenlet(function* () {}, parent)
    between.parent = main
    runSync(between.switch())
    between.parent = parent
    const error = new RangeError('boom')
    const child = greenlet(function* () {
      throw error
    }, between)
    expect(runSync(child.switch())).toBe('handled')
    expect(seen).toEqual([error])
  })

  test("the example of greenlet's documentation runs as described there", () => {
    const printed: number[] = []
    const second = greenlet(function* () {
      printed.push(56)
      yield* first.switch()
      printed.push(78)
    })
    const first = greenlet(function* () {
      printed.push(12)
      yield* second.switch()
      printed.push(34)
      return 'of the first'
    })
    expect(runSync(first.switch())).toBe('of the first')
    expect(printed).toEqual([12, 56, 34])
    expect(first.dead).toBe(true)
    expect(second.dead).toBe(false)
    expect(second.active).toBe(true)
    runSync(second.throw())
  })

  test('the result goes to the parent that the greenlet has when it ends', () => {
    const log: unknown[] = []
    const other = greenlet(function* (value: unknown) {
      log.push(value)
      return 'through the other'
    })
    const g = greenlet(function* () {
      getcurrent().parent = other
      return 'mine'
    })
    expect(runSync(g.switch())).toBe('through the other')
    expect(log).toEqual(['mine'])
  })

  test('the run function may be a plain function or return an operation', () => {
    expect(runSync(greenlet((x: number) => x + 1).switch(1))).toBe(2)
    const inner = greenlet(function* () {
      return 'inner'
    })
    expect(runSync(greenlet(() => inner.switch()).switch())).toBe('inner')
  })

  test('an operation is lazy and may be used once', () => {
    const log: string[] = []
    const g = greenlet(function* () {
      log.push('ran')
    })
    const operation = g.switch()
    expect(log).toEqual([])
    runSync(operation)
    expect(() => runSync(operation)).toThrow('used once')
  })
})

describe('run', () => {
  test('is required, so that without it a switch throws in the caller', () => {
    const g = greenlet()
    expect(() => runSync(g.switch())).toThrow(TypeError)
    expect(() => runSync(g.switch())).toThrow(/run/)
    expect(g.dead).toBe(false)
  })

  test('is required, so that without it a throw fails in the caller', () => {
    expect(() => runSync(greenlet().throw(new RangeError('boom')))).toThrow(/run/)
  })

  test('may be set and replaced before the start', () => {
    const g = greenlet(function* (): Coroutine<string> {
      return 'first'
    })
    g.run = function* (): Coroutine<string> {
      return 'second'
    }
    expect(runSync(g.switch())).toBe('second')
  })

  test('is gone after the start and may no longer be set', () => {
    const seen: unknown[] = []
    const g = greenlet(function* () {
      seen.push(getcurrent().run)
      yield* main.switch()
    })
    expect(g.run).toBeTypeOf('function')
    runSync(g.switch())
    expect(seen).toEqual([undefined])
    expect(() => {
      g.run = () => 1
    }).toThrow(/before the greenlet starts/)
    runSync(g.switch())
  })

  test('rejects anything but a function at once', () => {
    expect(() => greenlet(5 as never)).toThrow(/Expected `run` to be a function, got 5/)
    expect(() => greenlet((function* () {})() as never)).toThrow(/pass the function, not its result/)
    expect(() => {
      greenlet().run = 'text' as never
    }).toThrow(/Expected `run` to be a function/)
  })

  test('may be a method of a class that extends `greenlet`, the name of the class in Python', () => {
    class Doubler extends greenlet {
      override *run(value: number) {
        return value * 2
      }
    }
    const doubler = new Doubler()
    expect(runSync(doubler.switch(4))).toBe(8)
    expect(doubler).toBeInstanceOf(greenlet)
    expect(doubler).toBeInstanceOf(RawGreenlet)
    expect(greenlet()).toBeInstanceOf(greenlet)
    expect(runSync(new greenlet(() => 5).switch())).toBe(5)
    expect(greenlet.GreenletExit).toBe(GreenletExit)
  })

  test('may be a method of a subclass, which may have fields of its own', () => {
    class Adder extends RawGreenlet {
      total = 0
      override *run(first: number) {
        this.total += first
        for (;;) this.total += yield* this.parent!.switch<number>(this.total)
      }
    }
    const adder = new Adder()
    expect(runSync(adder.switch(1))).toBe(1)
    expect(runSync(adder.switch(2))).toBe(3)
    expect(adder.total).toBe(3)
    runSync(adder.throw())
    expect(adder.dead).toBe(true)
  })

  test('is the method of a subclass, on the greenlet, even if a function is passed too', () => {
    class Named extends RawGreenlet {
      greenletName = 'subclass'
      override *run(...values: number[]) {
        return [this.greenletName, ...values]
      }
    }
    expect(runSync(new Named(() => 'passed').switch(1, 2))).toEqual(['subclass', 1, 2])
  })

  test('may set properties of the greenlet that are visible outside', () => {
    const g = greenlet(function* () {
      Object.assign(getcurrent(), { answer: 42 })
    })
    runSync(g.switch())
    expect((g as unknown as { answer: number }).answer).toBe(42)
  })
})

describe('parent', () => {
  test('must not form a cycle', () => {
    const g1 = greenlet(function* () {})
    const g2 = greenlet(function* () {})
    const g3 = greenlet(function* () {})
    expect(() => {
      g1.parent = g1
    }).toThrow('cyclic parent chain')
    g1.parent = g2
    g2.parent = g3
    expect(() => {
      g3.parent = g1
    }).toThrow(RangeError)
    expect(g3.parent).toBe(main)
  })

  test('must be a greenlet', () => {
    const g = greenlet(function* () {})
    for (const wrong of [undefined, null, 5, {}]) {
      expect(() => {
        g.parent = wrong as never
      }).toThrow(TypeError)
    }
    expect(() => greenlet(function* () {}, {} as never)).toThrow(/Expected `parent` to be a greenlet/)
    expect(() => {
      main.parent = g
    }).toThrow(TypeError)
  })
})

describe('state', () => {
  test('dead and active change at each stage', () => {
    const stages: [boolean, boolean][] = []
    const look = () => stages.push([g.dead, g.active])
    const g = greenlet(function* () {
      look()
      yield* main.switch()
    })
    look()
    runSync(g.switch())
    look()
    runSync(g.switch())
    look()
    expect(stages).toEqual([
      [false, false],
      [false, true],
      [false, true],
      [true, false],
    ])
  })

  test('appears in the text of a greenlet', () => {
    let inside = ''
    const g = greenlet(function* () {
      inside = String(g)
      yield* main.switch()
    })
    expect(String(g)).toBe('<RawGreenlet pending>')
    runSync(g.switch())
    expect(inside).toBe('<RawGreenlet current active started>')
    expect(String(g)).toBe('<RawGreenlet suspended active started>')
    runSync(g.switch())
    expect(String(g)).toBe('<RawGreenlet dead>')
    expect(String(main)).toMatch(/main/)
  })

  test('is what Node prints for a greenlet', async () => {
    const named = spawn(() => sleep(1))
    named.name = 'named'
    expect(inspect([named, greenlet(), getHub()])).toBe('[ <Greenlet named>, <RawGreenlet pending>, <Hub> ]')
    await named
  })

  test('getcurrent returns the same object each time', () => {
    const seen: RawGreenlet[] = []
    const g = greenlet(function* () {
      seen.push(getcurrent())
      yield* main.switch()
      seen.push(getcurrent())
    })
    runSync(g.switch())
    runSync(g.switch())
    expect(seen).toEqual([g, g])
    expect(getcurrent()).toBe(main)
  })
})

describe('many and deep', () => {
  test('a chain of 100,000 greenlets, each the child of the one before, does not overflow the stack', () => {
    let depth = 0
    function* descend(left: number): Coroutine<number> {
      depth += 1
      if (left === 0) return 0
      return 1 + (yield* greenlet(descend).switch<number>(left - 1))
    }
    expect(runSync(greenlet(descend).switch(100_000))).toBe(100_000)
    expect(depth).toBe(100_001)
  })

  test('a value passed along a row of 100,000 greenlets does not overflow the stack', () => {
    let next: RawGreenlet = main
    for (let at = 0; at < 100_000; at += 1) {
      const to = next
      next = greenlet(function* (value: number) {
        return yield* to.switch(value + 1)
      })
    }
    expect(runSync(next.switch(0))).toBe(100_000)
  })

  test('a child ends through 100,000 unstarted ancestors', () => {
    let parent: RawGreenlet = main
    for (let at = 0; at < 100_000; at += 1) {
      parent = greenlet(function* (value: number) {
        return value + 1
      }, parent)
    }
    expect(runSync(parent.switch(0))).toBe(100_000)
  })
})

describe('throwing', () => {
  test('an error thrown into a suspended greenlet is raised where it waits', () => {
    const g = greenlet(function* () {
      try {
        yield* main.switch('waits')
      } catch (error) {
        return ['caught', error]
      }
      return 'not thrown'
    })
    expect(runSync(g.switch())).toBe('waits')
    const error = new RangeError('boom')
    expect(runSync(g.throw(error))).toEqual(['caught', error])
    expect(g.dead).toBe(true)
  })

  test('an error that the target does not catch is raised in the parent', () => {
    const g = greenlet(function* () {
      yield* main.switch()
    })
    runSync(g.switch())
    const error = new RangeError('boom')
    expect(thrownBy(() => runSync(g.throw(error)))).toBe(error)
    expect(g.dead).toBe(true)
  })

  test('an error of the run function is raised in the parent', () => {
    const error = new RangeError('boom')
    const g = greenlet(function* () {
      throw error
    })
    expect(thrownBy(() => runSync(g.switch()))).toBe(error)
    const plain = greenlet(() => {
      throw error
    })
    expect(thrownBy(() => runSync(plain.switch()))).toBe(error)
  })

  test('throwing without an error ends the greenlet with a GreenletExit, which is returned as a value', () => {
    const log: string[] = []
    const g = greenlet(function* () {
      try {
        yield* main.switch()
      } finally {
        log.push('finally')
      }
    })
    runSync(g.switch())
    const first = runSync(g.throw())
    expect(first).toBeInstanceOf(GreenletExit)
    expect(g.dead).toBe(true)
    expect(log).toEqual(['finally'])
    expect(runSync(g.throw())).toBeInstanceOf(GreenletExit)
  })

  test('an error class is instantiated', () => {
    const g = greenlet(function* (): Coroutine<unknown> {
      for (;;) {
        try {
          yield* main.switch()
        } catch (error) {
          return error
        }
      }
    })
    runSync(g.switch())
    expect(runSync(g.throw(RangeError))).toBeInstanceOf(RangeError)
  })

  test('an unstarted greenlet dies of the error without running, and its parent gets it', () => {
    const log: string[] = []
    const waiting = greenlet(function* (): Coroutine<unknown> {
      try {
        yield* main.switch()
      } catch (error) {
        return error instanceof RangeError ? 'caught' : error
      }
      return 'not thrown'
    })
    runSync(waiting.switch())
    const unstarted = greenlet(function* () {
      log.push('ran')
    }, waiting)
    expect(runSync(unstarted.throw(new RangeError('boom')))).toBe('caught')
    expect([waiting.dead, unstarted.dead]).toEqual([true, true])
    expect(log).toEqual([])
  })

  test("an unstarted parent dies of a child's error without running", () => {
    const log: string[] = []
    const parent = greenlet(function* () {
      log.push('ran')
    })
    const child = greenlet(function* () {
      throw new RangeError('boom')
    }, parent)
    expect(() => runSync(child.switch())).toThrow('boom')
    expect(parent.dead).toBe(true)
    expect(log).toEqual([])
  })

  test('an exit thrown into an unstarted greenlet is returned as the same object', () => {
    const exit = new GreenletExit('z')
    const g = greenlet(function* () {})
    expect(runSync(g.throw(exit))).toBe(exit)
    expect(g.dead).toBe(true)
  })

  test('anything but an error is rejected up front, and the target is unaffected', () => {
    const g = greenlet(function* () {
      return yield* main.switch()
    })
    runSync(g.switch())
    for (const wrong of ['abc', 42, {}, null, String]) expect(() => g.throw(wrong as never)).toThrow(TypeError)
    expect(runSync(g.switch('still there'))).toBe('still there')
  })

  test('throwing into a dead greenlet returns an exit as a value, and raises an error in the caller', () => {
    const g = greenlet(function* () {})
    runSync(g.switch())
    const error = new RangeError('boom')
    expect(thrownBy(() => runSync(g.throw(error)))).toBe(error)
    const exit = new GreenletExit()
    expect(runSync(g.throw(exit))).toBe(exit)
  })

  test('an error thrown into the current greenlet is raised at the call', () => {
    const error = new RangeError('boom')
    expect(thrownBy(() => runSync(main.throw(error)))).toBe(error)
    const seen: unknown[] = []
    const g = greenlet(function* () {
      try {
        yield* getcurrent().throw(error)
      } catch (caught) {
        seen.push(caught)
      }
    })
    runSync(g.switch())
    expect(seen).toEqual([error])
  })

  test('an exit thrown by the run function, of a subclass too, is its result', () => {
    class Leave extends GreenletExit {}
    for (const exit of [new GreenletExit(), new Leave()]) {
      const g = greenlet(function* () {
        throw exit
      })
      expect(runSync(g.switch())).toBe(exit)
    }
  })

  test('a greenlet that catches an exit stays alive', () => {
    const g = greenlet(function* () {
      try {
        yield* main.switch()
      } catch (error) {
        expect(error).toBeInstanceOf(GreenletExit)
        yield* main.switch('refuse')
      }
      return 'fin'
    })
    runSync(g.switch())
    expect(runSync(g.throw())).toBe('refuse')
    expect(g.dead).toBe(false)
    expect(runSync(g.switch())).toBe('fin')
    expect(g.dead).toBe(true)
  })

  test('a finally block may switch, and the error propagates once it is resumed', () => {
    const log: unknown[] = []
    const g = greenlet(function* () {
      try {
        yield* main.switch()
      } finally {
        log.push(yield* main.switch('in finally'))
      }
    })
    runSync(g.switch())
    const error = new RangeError('boom')
    expect(runSync(g.throw(error))).toBe('in finally')
    expect(g.dead).toBe(false)
    expect(thrownBy(() => runSync(g.switch('r')))).toBe(error)
    expect(log).toEqual(['r'])
  })

  test('the error of a child is raised in its parent where that waits', () => {
    const error = new RangeError('boom')
    const g = greenlet(function* (): Coroutine<unknown> {
      try {
        yield* main.switch()
      } catch (caught) {
        return caught
      }
      return 'not thrown'
    })
    runSync(g.switch())
    const helper = greenlet(function* () {
      throw error
    }, g)
    expect(runSync(helper.switch())).toBe(error)
    expect(g.dead).toBe(true)
  })

  test('an error may be thrown into several greenlets in turn, ending each', () => {
    const error = new RangeError('boom')
    const victims = [0, 1, 2].map(() =>
      greenlet(function* () {
        yield* main.switch()
      }),
    )
    for (const victim of victims) runSync(victim.switch())
    for (const victim of victims) expect(thrownBy(() => runSync(victim.throw(error)))).toBe(error)
    expect(victims.map((victim) => victim.dead)).toEqual([true, true, true])
  })

  test('undefined thrown by a function is an error like any other', () => {
    const g = greenlet(function* () {
      throw undefined
    })
    let thrown = false
    try {
      runSync(g.switch())
    } catch (error) {
      thrown = error === undefined
    }
    expect(thrown).toBe(true)
  })

  test('a bare yield throws', () => {
    const g = greenlet(function* () {
      yield 5
    })
    expect(() => runSync(g.switch())).toThrow(/bare `yield`/)
  })
})

test('yield* on anything but an operation throws, and the error tells why', () => {
  const g = greenlet(function* () {
    yield* [5]
  })
  const error = thrownBy(() => runSync(g.switch()))
  expect(error).toBeInstanceOf(TypeError)
  expect(error).toMatchObject({ cause: { message: expect.stringContaining('`yield*` on another') } })
})

describe('together with the hub', () => {
  test(
    'a raw greenlet may make blocking calls',
    program(function* () {
      const log: string[] = []
      const g = greenlet(function* () {
        yield* sleep(1)
        log.push('slept')
        return 'done'
      })
      expect(yield* g.switch()).toBe('done')
      expect(log).toEqual(['slept'])
    }),
  )

  test(
    'switching to a greenlet that waits for something else raises InvalidSwitchError in it',
    program(function* () {
      const victim = spawn(function* () {
        yield* sleep(10_000)
      })
      yield* sleep(0)
      collectReports()
      const switcher = spawn(function* () {
        yield* victim.switch('surprise')
      })
      const error = yield* raisedBy(victim.get())
      expect(error).toBeInstanceOf(InvalidSwitchError)
      expect((error as Error).message).toContain('sleep(10000)')
      // The victim's error went to its parent, the hub, so nothing switches back to the switcher.
      yield* switcher.kill()
    }),
  )

  test(
    'a spawned greenlet that is switched to before its turn runs at once and only once, and the others keep their turns',
    program(function* () {
      const log: string[] = []
      function* work(name = '') {
        log.push(name)
        yield* sleep(0)
        log.push(`${name} again`)
      }
      const before = spawn(work, 'before')
      const switcher = spawn(() => early.switch('early'))
      const early = spawn(work)
      const after = spawn(work, 'after')
      yield* joinall([before, early, after])
      expect(log).toEqual(['before', 'early', 'after', 'before again', 'early again', 'after again'])
      yield* switcher.kill()
    }),
  )

  test(
    'an error thrown into a greenlet that is about to run replaces its turn, so it does not run twice',
    program(function* () {
      const log: string[] = []
      function* turns(name: string) {
        for (let turn = 1; turn <= 3; turn += 1) {
          yield* sleep(0)
          log.push(`${name} ${turn}`)
        }
      }
      const victim = spawn(function* () {
        try {
          yield* sleep(0)
        } catch (error) {
          log.push((error as Error).message)
        }
        yield* turns('victim')
      })
      const thrower = spawn(() => victim.throw(new RangeError('boom')))
      yield* joinall([victim, spawn(turns, 'other')])
      expect(log).toEqual(['boom', 'victim 1', 'other 1', 'victim 2', 'other 2', 'victim 3', 'other 3'])
      yield* thrower.kill()
    }),
  )

  test('a switch to main fails the latest wait of plain code that is not for a switch', async () => {
    const switcher = spawn(() => main.switch('value'))
    await expect(Promise.resolve(sleep(20))).rejects.toBeInstanceOf(InvalidSwitchError)
    expect(switcher.dead).toBe(false)
    await switcher.kill()
    await sleep(1)
  })

  test('the error of a child of main is reported while plain code does not wait', async () => {
    const reports = collectReports()
    const child = greenlet(function* (): Coroutine<void> {
      throw new RangeError('boom')
    })
    expect(child.parent).toBe(main)
    getHub().runCallback(() => child.switch())
    await new Promise((resolve) => setTimeout(resolve, 1))
    expect(reports).toEqual([{ context: child, error: new RangeError('boom') }])
  })

  test('runSync of an operation that must wait for the hub throws, and leaves nothing behind', async () => {
    const error = thrownBy(() => runSync(sleep(10)))
    expect(error).toBeInstanceOf(BlockingSwitchOutError)
    await sleep(1)
  })
})

test('runSync of a wait for something outside throws, and a late answer is ignored', async () => {
  let answer: (() => void) | undefined
  const waits = fromCallback((resume) => {
    answer = resume
  })
  expect(thrownBy(() => runSync(waits))).toBeInstanceOf(BlockingSwitchOutError)
  answer!()
  expect(await getHub().join()).toBe(true)
})

test('runSync rejects anything but an operation', () => {
  expect(thrownBy(() => runSync(5 as never))).toEqual(
    new TypeError('Expected `operation` to be an operation or a coroutine, got 5'),
  )
})

test('GreenletExit is also a property of greenlet and of its class', () => {
  expect([greenlet.GreenletExit, RawGreenlet.GreenletExit]).toEqual([GreenletExit, GreenletExit])
})
