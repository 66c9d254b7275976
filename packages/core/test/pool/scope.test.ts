import {
  attempt,
  type Coroutine,
  Event,
  enumerate,
  GreenletExit,
  type Group,
  isControlError,
  joinall,
  scope,
  shield,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy, thrownBy, turns } from '../support.ts'

function fail(message: string): never {
  throw new Error(message)
}

describe('a scope that succeeds', () => {
  test(
    'returns the result of its function, once all children have finished',
    program(function* () {
      const log: string[] = []
      const value = yield* scope(function* (group) {
        for (const index of [1, 2, 3]) {
          group.spawn(function* () {
            yield* turns(index)
            log.push(`child ${index}`)
          })
        }
        yield* sleep(0)
        log.push('body ends')
        return 'value'
      })
      log.push('left')
      expect(value).toBe('value')
      expect(log).toEqual(['body ends', 'child 1', 'child 2', 'child 3', 'left'])
    }),
  )

  test(
    'waits for grandchildren too',
    program(function* () {
      const log: string[] = []
      yield* scope(function* (group) {
        group.spawn(function* () {
          yield* turns(2)
          group.spawn(function* () {
            yield* turns(2)
            log.push('grandchild')
          })
          log.push('child')
        })
      })
      expect(log).toEqual(['child', 'grandchild'])
    }),
  )

  test(
    'leaves no link on the greenlet that it ran in',
    program(function* () {
      const owner = spawn(function* (): Coroutine<number[]> {
        const before = owner.linkCount()
        yield* scope((group) => void group.spawn(() => {}))
        return [before, owner.linkCount()]
      })
      const [before, after] = yield* owner
      expect(after).toBe(before)
    }),
  )

  test('accepts plain and async functions, and works in plain code', async () => {
    expect(await scope(() => 1)).toBe(1)
    expect(await scope(async () => 2)).toBe(2)
    let ran = false
    await scope((group) => {
      group.spawn(() => {
        ran = true
      })
    })
    expect(ran).toBe(true)
  })

  test(
    'does not switch without children',
    program(function* () {
      let ran = false
      const other = spawn(() => {
        ran = true
      })
      expect(yield* scope(() => 1)).toBe(1)
      expect(ran).toBe(false)
      yield* other
    }),
  )

  test(
    'does not count a child that is killed individually as a failure',
    program(function* () {
      const value = yield* scope(function* (group) {
        const child = group.spawn(sleep, 60_000)
        yield* turns(1)
        yield* child.kill()
        return child.value
      })
      expect(value).toBeInstanceOf(GreenletExit)
    }),
  )
})

describe('a failure', () => {
  test(
    'of a child kills the others and the body, and is thrown once all have ended',
    program(function* () {
      collectReports()
      const error = new Error('boom')
      const log: string[] = []
      const raised = yield* raisedBy(
        scope(function* (group) {
          group.spawn(function* () {
            try {
              yield* sleep(60_000)
            } finally {
              yield* turns(3)
              log.push('sibling cleaned up')
            }
          })
          group.spawn(function* () {
            yield* turns(2)
            throw error
          })
          try {
            yield* sleep(60_000)
          } finally {
            log.push('body cleaned up')
          }
        }),
      )
      expect(raised).toBe(error)
      expect(log).toEqual(['body cleaned up', 'sibling cleaned up'])
    }),
  )

  test(
    'of a child after the body has ended counts too',
    program(function* () {
      collectReports()
      const error = new Error('late')
      let others = 0
      const raised = yield* raisedBy(
        scope((group) => {
          group.spawn(function* () {
            yield* turns(3)
            throw error
          })
          group.spawn(function* () {
            yield* sleep(60_000)
            others += 1
          })
          return 'not given'
        }),
      )
      expect([raised, others]).toEqual([error, 0])
    }),
  )

  test(
    'of the body kills the children',
    program(function* () {
      const error = new Error('body')
      let cleaned = 0
      const raised = yield* raisedBy(
        scope(function* (group) {
          for (let index = 0; index < 3; index += 1) {
            group.spawn(function* () {
              try {
                yield* sleep(60_000)
              } finally {
                yield* sleep(0)
                cleaned += 1
              }
            })
          }
          yield* turns(1)
          throw error
        }),
      )
      expect([raised, cleaned]).toEqual([error, 3])
    }),
  )

  test(
    'is thrown if it is the first; later ones are only reported',
    program(function* () {
      const reports = collectReports()
      const raised = yield* raisedBy(
        scope(function* (group) {
          group.spawn(function* () {
            throw new Error('first')
          })
          group.spawn(function* () {
            try {
              yield* sleep(60_000)
            } finally {
              fail('second')
            }
          })
          yield* sleep(60_000)
        }),
      )
      expect((raised as Error).message).toBe('first')
      yield* turns(3)
      expect(reports.map(({ error }) => (error as Error).message)).toEqual(['first', 'second'])
    }),
  )

  test(
    'is thrown even if the cleanup of the body fails, which is reported',
    program(function* () {
      const reports = collectReports()
      const raised = yield* raisedBy(
        scope(function* (group) {
          group.spawn(() => {
            throw new Error('child')
          })
          try {
            yield* sleep(60_000)
          } finally {
            fail('cleaning up')
          }
        }),
      )
      expect((raised as Error).message).toBe('child')
      expect(reports.map(({ error }) => (error as Error).message)).toEqual(['child', 'cleaning up'])
    }),
  )

  test(
    'does not swallow a kill of the caller while the body cleans up',
    program(function* () {
      const reports = collectReports()
      const owner = spawn(function* () {
        yield* scope(function* (group) {
          group.spawn(() => {
            throw new Error('child')
          })
          try {
            yield* new Event().wait()
          } finally {
            yield* new Event().wait()
          }
        })
      })
      yield* turns(4)
      expect(owner.dead).toBe(false)
      yield* owner.kill()
      expect(owner.value).toBeInstanceOf(GreenletExit)
      expect(reports.length).toBe(1)
    }),
  )

  test(
    'does not swallow a kill of the caller in the same turn',
    program(function* () {
      collectReports()
      const log: string[] = []
      for (const childFirst of [true, false]) {
        const go = new Event()
        const caller = spawn(function* () {
          yield* attempt(
            scope(function* (group) {
              group.spawn(function* () {
                yield* go.wait()
                throw new Error('child')
              })
              yield* sleep(60_000)
            }),
          )
          log.push('went on')
          yield* sleep(60_000)
        })
        yield* turns(2)
        if (childFirst) go.set()
        caller.kill(new Timeout(1))
        if (!childFirst) go.set()
        yield* caller.join({ timeout: 50 })
        expect(caller.exception).toBeInstanceOf(Timeout)
      }
      expect(log).toEqual([])
    }),
  )

  test(
    'passes through the body like a kill',
    program(function* () {
      collectReports()
      const seen: unknown[] = []
      const error = new Error('child')
      const raised = yield* raisedBy(
        scope(function* (group) {
          group.spawn(function* () {
            throw error
          })
          try {
            yield* attempt(sleep(60_000))
            seen.push('not reached')
          } catch (caught) {
            seen.push(isControlError(caught))
            throw caught
          }
        }),
      )
      expect([raised, seen]).toEqual([error, [true]])
    }),
  )

  test(
    'is thrown even if the body swallows its kill',
    program(function* () {
      collectReports()
      const error = new Error('child')
      const raised = yield* raisedBy(
        scope(function* (group) {
          group.spawn(() => {
            throw error
          })
          try {
            yield* sleep(60_000)
          } catch {}
          return 'swallowed'
        }),
      )
      expect(raised).toBe(error)
    }),
  )

  test(
    'of a child may be a Timeout',
    program(function* () {
      collectReports()
      const raised = yield* raisedBy(
        scope(function* (group) {
          group.spawn(() => withTimeout(1, () => sleep(60_000)))
          yield* sleep(60_000)
        }),
      )
      expect(raised).toBeInstanceOf(Timeout)
    }),
  )

  test(
    'does not interrupt the caller after the scope, even if a kill of the body is pending',
    program(function* () {
      collectReports()
      const log: string[] = []
      const outer = spawn(function* () {
        yield* attempt(
          scope(function* (group) {
            const own = new Error('own')
            group.spawn(function* () {
              throw new Error('child')
            })
            yield* sleep(0)
            throw own
          }),
        )
        for (let index = 0; index < 5; index += 1) yield* sleep(0)
        log.push('still alive')
      })
      yield* outer.join()
      expect(log).toEqual(['still alive'])
    }),
  )
})

describe('a kill or timeout of the caller', () => {
  test(
    'kills the children and waits for them',
    program(function* () {
      const log: string[] = []
      const caller = spawn(function* () {
        yield* scope(function* (group) {
          group.spawn(function* () {
            try {
              yield* sleep(60_000)
            } finally {
              yield* turns(3)
              log.push('cleaned up')
            }
          })
          yield* sleep(60_000)
        })
        log.push('not reached')
      })
      yield* turns(2)
      yield* caller.kill()
      expect(log).toEqual(['cleaned up'])
      expect(caller.value).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'does the same while it waits for its children',
    program(function* () {
      let cleaned = false
      const caller = spawn(() =>
        scope((group) => {
          group.spawn(function* () {
            try {
              yield* sleep(60_000)
            } finally {
              cleaned = true
            }
          })
        }),
      )
      yield* turns(2)
      yield* caller.kill()
      expect(cleaned).toBe(true)
    }),
  )

  test('is deferred if it comes again while children clean up', async () => {
    collectReports()
    await virtualTime(function* () {
      const log: string[] = []
      const caller = spawn(function* () {
        yield* scope(function* (group) {
          group.spawn(function* () {
            try {
              yield* sleep(60_000)
            } finally {
              yield* sleep(1000)
              log.push('cleaned up')
            }
          })
          yield* sleep(60_000)
        })
      })
      yield* sleep(1)
      caller.kill(new Error('first'))
      yield* sleep(1)
      caller.kill(new Error('second'))
      yield* caller.join()
      expect(log).toEqual(['cleaned up'])
      expect((caller.exception as Error).message).toBe('second')
    })
  })

  test(
    'by withTimeout returns its timeoutValue, and leaves no child behind',
    program(function* () {
      const before = enumerate().length
      const value = yield* withTimeout(
        2,
        () =>
          scope(function* (group) {
            group.spawn(sleep, 60_000)
            yield* sleep(60_000)
          }),
        { timeoutValue: 'timed out' },
      )
      expect([value, enumerate().length - before]).toEqual(['timed out', 0])
    }),
  )

  test('kills the children even if it ends the caller by force', async () => {
    await virtualTime(function* () {
      let cleaned = 0
      const caller = spawn(function* () {
        yield* scope(function* (group) {
          group.spawn(function* () {
            try {
              yield* sleep(1_000_000)
            } finally {
              cleaned += 1
            }
          })
          for (;;) {
            try {
              yield* sleep(1_000_000)
            } catch {}
          }
        })
      })
      yield* sleep(1)
      yield* caller.kill({ grace: 10 })
      yield* sleep(1)
      expect(cleaned).toBe(1)
    })
  })
})

describe('scopes, shields and groups', () => {
  test(
    'a shield around the scope holds back a kill of the caller, but not the failure of a child',
    program(function* () {
      collectReports()
      const error = new Error('child')
      const log: unknown[] = []
      const caller = spawn(function* () {
        log.push(
          yield* raisedBy(
            shield(
              scope(function* (group) {
                group.spawn(function* () {
                  yield* turns(4)
                  throw error
                })
                yield* new Event().wait()
              }),
            ),
          ),
        )
      })
      yield* turns(2)
      caller.kill({ block: false })
      yield* turns(1)
      expect(log).toEqual([])
      yield* caller
      expect(log).toEqual([expect.any(GreenletExit)])
    }),
  )

  test(
    'behind a shield the failure of a child cuts the body short, and nothing comes later',
    program(function* () {
      collectReports()
      const log: unknown[] = []
      yield* spawn(function* () {
        const scoped = scope(function* (group) {
          group.spawn(() => fail('child'))
          yield* new Event().wait()
        })
        log.push(yield* raisedBy(shield(scoped)))
        yield* turns(3)
        log.push('end')
      })
      expect(log).toEqual([expect.objectContaining({ message: 'child' }), 'end'])
    }),
  )

  test(
    'a shield that has ended before does not keep the body waiting when a child fails',
    program(function* () {
      const owner = spawn(function* () {
        yield* shield(sleep(0))
        return yield* raisedBy(
          scope(function* (group) {
            group.spawn(() => fail('child'))
            yield* new Event().wait()
          }),
        )
      })
      expect(yield* owner).toMatchObject({ message: 'child' })
    }),
  )

  test(
    'a failure of a child kills the others immediately, even while the body still cleans up',
    program(function* () {
      const log: string[] = []
      const error = yield* raisedBy(
        scope(function* (group) {
          group.spawn(function* () {
            try {
              yield* new Event().wait()
            } finally {
              log.push('sibling')
            }
          })
          yield* sleep(0)
          group.spawn(() => fail('child'))
          try {
            yield* new Event().wait()
          } finally {
            yield* turns(4)
            log.push('body')
          }
        }),
      )
      expect(error).toMatchObject({ message: 'child' })
      expect(log).toEqual(['sibling', 'body'])
    }),
  )

  test(
    'a child that fails while an error is pending for the body interrupts nothing after the scope',
    program(function* () {
      const reports = collectReports()
      const stop = new RangeError('stop')
      const owner = spawn(function* (): Coroutine<unknown> {
        const error = yield* raisedBy(
          scope(function* (group) {
            spawn(() => void owner.kill(stop))
            group.spawn(() => fail('child'))
            yield* turns(5)
          }),
        )
        yield* turns(3)
        return error
      })
      expect(yield* owner).toMatchObject({ message: 'child' })
      expect(reports.map((report) => report.error)).toContain(stop)
    }),
  )

  test(
    'a body that catches such an error and waits again is interrupted then',
    program(function* () {
      collectReports()
      const stop = new RangeError('stop')
      const caught: unknown[] = []
      const owner = spawn(function* (): Coroutine<unknown> {
        return yield* raisedBy(
          scope(function* (group) {
            spawn(() => void owner.kill(stop))
            group.spawn(() => fail('child'))
            caught.push(yield* raisedBy(turns(5)))
            yield* new Event().wait()
          }),
        )
      })
      expect(yield* owner).toMatchObject({ message: 'child' })
      expect(caught).toEqual([stop])
    }),
  )

  test(
    'a shield inside the body is respected, and the body is interrupted after it',
    program(function* () {
      collectReports()
      const log: string[] = []
      const raised = yield* raisedBy(
        scope(function* (group) {
          group.spawn(() => {
            throw new Error('child')
          })
          yield* shield(turns(4))
          log.push('not reached')
        }),
      )
      expect((raised as Error).message).toBe('child')
      expect(log).toEqual([])
    }),
  )

  test(
    'two scopes whose children fail during a shield interrupt nothing after them',
    program(function* () {
      collectReports()
      const log: string[] = []
      const owner = spawn(function* () {
        const raised = yield* raisedBy(
          scope(function* (outer) {
            outer.spawn(() => fail('outer'))
            yield* scope(function* (inner) {
              inner.spawn(() => fail('inner'))
              yield* shield(turns(4))
            })
          }),
        )
        log.push((raised as Error).message)
        yield* turns(4)
        log.push('end')
      })
      yield* owner.join()
      expect(log).toEqual(['outer', 'end'])
    }),
  )

  test(
    'scopes nest',
    program(function* () {
      collectReports()
      const log: string[] = []
      const raised = yield* raisedBy(
        scope(function* (outer) {
          outer.spawn(function* () {
            try {
              yield* sleep(60_000)
            } finally {
              log.push('outer child')
            }
          })
          yield* scope(function* (inner) {
            inner.spawn(function* () {
              yield* turns(2)
              throw new Error('inner')
            })
            inner.spawn(function* () {
              try {
                yield* sleep(60_000)
              } finally {
                log.push('inner child')
              }
            })
          })
        }),
      )
      expect((raised as Error).message).toBe('inner')
      expect(log).toEqual(['inner child', 'outer child'])
    }),
  )

  test(
    'its group adds greenlets, joins and maps like any group',
    program(function* () {
      const values = yield* scope(function* (group) {
        const greenlets = [1, 2].map((value) => group.spawn((x: number) => x * 10, value))
        yield* joinall(greenlets)
        return [...greenlets.map((greenlet) => greenlet.value), ...(yield* group.map((x) => x + 1, [1, 2]))]
      })
      expect(values).toEqual([10, 20, 2, 3])
    }),
  )

  test(
    'a mapAsync that nobody waits for is a child: it is waited for, and its failure counts',
    program(function* () {
      collectReports()
      const doubled: number[] = []
      function* double(n: number) {
        yield* turns(n)
        doubled.push(2 * n)
      }
      yield* scope(function* (group) {
        group.mapAsync(double, [1, 2, 3])
      })
      expect(doubled).toEqual([2, 4, 6])
      const raised = yield* raisedBy(
        scope(function* (group) {
          group.mapAsync(
            double,
            (function* () {
              yield 1
              fail('source')
            })(),
          )
          yield* new Event().wait()
        }),
      )
      expect(raised).toMatchObject({ message: 'source' })
    }),
  )

  test(
    'the group of a scope that has ended rejects greenlets',
    program(function* () {
      let left: Group | undefined
      yield* scope((group) => {
        left = group
      })
      const error = thrownBy(() => left!.spawn(() => 1)) as Error
      expect(error.message).toBe('Expected a scope that has not ended')
      expect(left!.size).toBe(0)
    }),
  )

  test(
    'the group of a scope that is ending kills greenlets that are added',
    program(function* () {
      collectReports()
      let ran = false
      const go = new Event()
      yield* raisedBy(
        scope(function* (group) {
          group.spawn(function* () {
            try {
              yield* go.wait()
            } finally {
              group.spawn(() => {
                ran = true
              })
            }
          })
          yield* turns(1)
          throw new Error('body')
        }),
      )
      expect(ran).toBe(false)
    }),
  )
})

test('anything but a function is rejected up front', () => {
  expect(thrownBy(() => scope(7 as never))).toBeInstanceOf(TypeError)
})
