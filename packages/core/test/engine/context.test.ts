import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import {
  Context,
  ContextVar,
  copyContext,
  coroutine,
  Event,
  getcurrent,
  getHub,
  greenlet,
  runSync,
  sleep,
  spawn,
  spawnLater,
  until,
} from '@greenlit/core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { program } from '../support.ts'

const main = getcurrent()

function inherit(how: 'copy' | 'empty' | 'share'): void {
  const hub = getHub()
  const before = hub.inherit
  hub.inherit = how
  onTestFinished(() => {
    hub.inherit = before
  })
}

describe('context variables', () => {
  test(
    'each greenlet has its own value in all its turns',
    program(function* () {
      const id = new ContextVar<number>('id', { default: 0 })
      const log: string[] = []
      const workers = [1, 2, 3, 4].map((at) =>
        spawn(function* () {
          id.set(at * 10)
          for (let time = 0; time < 2; time += 1) {
            yield* sleep(0)
            id.set(id.get() + 1)
            log.push(`${at} ${id.get()}`)
          }
        }),
      )
      for (const worker of workers) yield* worker
      expect(log).toEqual(['1 11', '2 21', '3 31', '4 41', '1 12', '2 22', '3 32', '4 42'])
      expect(id.get()).toBe(0)
    }),
  )

  test(
    "a new greenlet sees a copy of its spawner's context at the time of the spawn",
    program(function* () {
      const user = new ContextVar<string>('user')
      user.set('before')
      const greenlet = spawn(function* () {
        const seen = user.get()
        user.set('inside')
        yield* sleep(0)
        return [seen, user.get()]
      })
      const later = spawnLater(1, () => user.get())
      user.set('after')
      expect(yield* greenlet).toEqual(['before', 'inside'])
      expect(yield* later).toBe('before')
      expect(user.get()).toBe('after')
    }),
  )

  test(
    "with 'empty', as in gevent, a new greenlet sees an empty context",
    program(function* () {
      inherit('empty')
      const user = new ContextVar<string>('user', { default: 'nobody' })
      user.set('somebody')
      expect(yield* spawn(() => user.get())).toBe('nobody')
      expect(user.get()).toBe('somebody')
    }),
  )

  test(
    "with 'share' a new greenlet shares its spawner's context",
    program(function* () {
      inherit('share')
      const user = new ContextVar<string>('user')
      user.set('before')
      expect(
        yield* spawn(function* () {
          const seen = user.get()
          user.set('inside')
          return seen
        }),
      ).toBe('before')
      expect(user.get()).toBe('inside')
    }),
  )

  test('a context may be assigned before the start: a copy, a new one, or the same one', () => {
    const id = new ContextVar<number>('id', { default: 0 })
    id.set(1)
    const copied = greenlet(function* () {
      const seen = id.get()
      id.set(2)
      return seen
    })
    copied.context = copyContext()
    expect(runSync(copied.switch())).toBe(1)
    expect(id.get()).toBe(1)
    const empty = greenlet(() => id.get())
    empty.context = new Context()
    expect(runSync(empty.switch())).toBe(0)
    const shared = greenlet(function* () {
      id.set(3)
    })
    shared.context = main.context
    runSync(shared.switch())
    expect(id.get()).toBe(3)
    expect(() => {
      shared.context = {} as never
    }).toThrow(TypeError)
    expect(() => {
      shared.context = undefined as never
    }).toThrow(TypeError)
  })

  test('set returns a token with which to restore the previous value', () => {
    const id = new ContextVar<number>('id')
    expect(() => id.get()).toThrow(RangeError)
    expect(id.get(7)).toBe(7)
    const token = id.set(1)
    const inner = id.set(2)
    id.reset(inner)
    expect(id.get()).toBe(1)
    id.reset(token)
    expect(() => id.get()).toThrow(/id/)
  })

  test('a token may be used once, for its variable, in the context where it was created', () => {
    const id = new ContextVar<number>('id', { default: 0 })
    const other = new ContextVar<number>('other')
    const token = id.set(1)
    expect([token.var, token.had, token.previous]).toEqual([id, false, undefined])
    expect(() => other.reset(token)).toThrow(/`token` to be one of other/)
    expect(id.get()).toBe(1)
    id.reset(token)
    id.set(2)
    expect(() => id.reset(token)).toThrow(RangeError)
    expect(id.get()).toBe(2)
    const elsewhere = copyContext().run(() => id.set(3))
    expect(() => id.reset(elsewhere)).toThrow(RangeError)
    const outside = id.set(4)
    expect(
      runSync(
        greenlet(() => {
          expect(() => id.reset(outside)).toThrow(RangeError)
          return id.get()
        }).switch(),
      ),
    ).toBe(4)
    id.reset(outside)
    expect(id.get()).toBe(2)
    expect(() => id.reset(undefined as never)).toThrow(TypeError)
  })

  test('run calls a function that reads and sets the variables of a context', () => {
    const id = new ContextVar<string>('id')
    const context = new Context()
    const seen = context.run(
      (...given: number[]) => {
        expect(id.get('none')).toBe('none')
        id.set('inside')
        expect(context.get(id)).toBe('inside')
        new Context().run(() => void expect(id.get('none')).toBe('none'))
        return [id.get(), ...given]
      },
      1,
      2,
    )
    expect(seen).toEqual(['inside', 1, 2])
    expect(id.get('none')).toBe('none')
    expect([...context]).toEqual([[id, 'inside']])
    expect([context.get(id), new Context().get(id, 'fallback')]).toEqual(['inside', 'fallback'])
    expect(() => context.run(() => context.run(() => {}))).toThrow(/not entered/)
    const failure = new Error('mine')
    expect(() =>
      context.run(() => {
        id.set('failed')
        throw failure
      }),
    ).toThrow(failure)
    expect([id.get('none'), context.get(id)]).toEqual(['none', 'failed'])
    expect(context.run(() => 'usable again')).toBe('usable again')
    expect(() => context.run(undefined as never)).toThrow(TypeError)
  })

  test(
    'run of a coroutine returns an operation that sees the context until it ends, while other greenlets do not',
    program(function* () {
      const id = new ContextVar<string>('id')
      id.set('main')
      const context = copyContext()
      function* handle(name: string) {
        const before = id.get()
        id.set(name)
        const spawned = spawn(() => id.get())
        yield* sleep(1)
        return [before, id.get(), yield* spawned]
      }
      const worker = spawn(function* () {
        const handled = yield* context.run(handle, 'worker')
        return [...handled, id.get()]
      })
      yield* sleep(0)
      expect(id.get()).toBe('main')
      expect(() => context.run(() => {})).toThrow(/not entered/)
      expect(yield* worker).toEqual(['main', 'worker', 'worker', 'main'])
      expect(context.get(id)).toBe('worker')
      const wrapped = context.run(coroutine(handle), 'operation')
      expect(yield* wrapped).toEqual(['worker', 'operation', 'operation'])
      const killed = spawn(function* () {
        try {
          yield* context.run(handle, 'killed')
        } finally {
          expect(id.get()).toBe('main')
        }
      })
      yield* sleep(0)
      yield* killed.kill()
      expect(context.run(() => id.get())).toBe('killed')
    }),
  )

  test('concurrent runs may be awaited in plain code, which keeps its own context meanwhile', async () => {
    const id = new ContextVar<string>('id', { default: 'plain' })
    const handle = function* (name: string, milliseconds: number) {
      id.set(name)
      yield* sleep(milliseconds)
      return id.get()
    }
    const [a, b] = [new Context().run(handle, 'a', 2), new Context().run(handle, 'b', 4)]
    const both = Promise.all([a, b])
    expect(id.get()).toBe('plain')
    expect(await both).toEqual(['a', 'b'])
    expect(id.get()).toBe('plain')
  })

  test('a context can be inspected and copied', () => {
    const id = new ContextVar<number>('id')
    const context = new Context()
    expect([context.size, context.has(id), context.get(id)]).toEqual([0, false, undefined])
    const token = id.set(5)
    const copy = copyContext()
    id.reset(token)
    expect([copy.has(id), copy.get(id), copy.copy().get(id)]).toEqual([true, 5, 5])
  })

  test('an unknown value of inherit is rejected', () => {
    expect(() => {
      getHub().inherit = 'clone' as never
    }).toThrow(RangeError)
  })
})

describe('AsyncLocalStorage', () => {
  test('follows each greenlet through all its waits', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: string[] = []
    const work = (name: string) =>
      storage.run(name, () =>
        spawn(function* () {
          seen.push(`${name} ${storage.getStore()}`)
          yield* sleep(0)
          seen.push(`${name} ${storage.getStore()}`)
          yield* sleep(2)
          seen.push(`${name} ${storage.getStore()}`)
          yield* until(Promise.resolve())
          seen.push(`${name} ${storage.getStore()}`)
        }),
      )
    const workers = [work('a'), work('b')]
    for (const worker of workers) await worker
    expect(seen.toSorted()).toEqual([...Array(4).fill('a a'), ...Array(4).fill('b b')])
    expect(storage.getStore()).toBeUndefined()
  })

  test('keeps the store that a greenlet has entered through its waits, and passes it to greenlets it spawns', async () => {
    const storage = new AsyncLocalStorage<string>()
    const enter = coroutine(function* (name: string) {
      storage.enterWith(name)
      yield* sleep(0)
    })
    const work = function* (name: string) {
      const seen = [storage.getStore()]
      yield* enter(name)
      seen.push(storage.getStore())
      yield* sleep(1)
      seen.push(storage.getStore())
      yield* until(Promise.resolve())
      seen.push(storage.getStore(), yield* spawn(() => storage.getStore()))
      return seen
    }
    const workers = storage.run('root', () => [spawn(work, 'a'), spawn(work, 'b')])
    for (const [at, name] of ['a', 'b'].entries()) expect(await workers[at]).toEqual(['root', name, name, name, name])
    expect(storage.getStore()).toBeUndefined()
  })

  test('is inherited by spawned greenlets', async () => {
    const storage = new AsyncLocalStorage<number>()
    const result = await storage.run(5, () =>
      spawn(function* () {
        return yield* spawn(function* () {
          yield* sleep(1)
          return storage.getStore()
        })
      }),
    )
    expect(result).toBe(5)
  })

  test('is empty in a greenlet spawned outside of any run, whichever greenlet wakes it', async () => {
    const storage = new AsyncLocalStorage<number>()
    const event = new Event()
    const outside = spawn(function* () {
      const seen = [storage.getStore()]
      yield* event.wait()
      seen.push(storage.getStore())
      return seen
    })
    await storage.run(5, async () => {
      const inside = spawn(() => storage.getStore())
      await sleep(1)
      event.set()
      expect(await inside).toBe(5)
    })
    expect(await outside).toEqual([undefined, undefined])
  })

  test('is empty in a greenlet that code with a store wakes before any greenlet has seen a store', async () => {
    onTestFinished(() => void vi.resetModules())
    vi.resetModules()
    const core = await import('../../src/index.ts')
    const storage = new AsyncLocalStorage<string>()
    const event = new core.Event()
    const waiting = core.spawn(function* () {
      yield* event.wait()
      const seen = storage.getStore()
      yield* core.sleep(1)
      return [seen, storage.getStore()]
    })
    setTimeout(() => storage.run('waker', () => event.set()), 1)
    expect(await waiting).toEqual([undefined, undefined])
  })

  test('is empty in greenlets spawned outside of any run, even if the package was loaded in one', async () => {
    onTestFinished(() => void vi.resetModules())
    vi.resetModules()
    const storage = new AsyncLocalStorage<string>()
    const core = await storage.run('loader', () => import('../../src/index.ts'))
    const work = function* () {
      const seen = storage.getStore()
      yield* core.sleep(1)
      return [seen, storage.getStore()]
    }
    expect(await core.spawn(work)).toEqual([undefined, undefined])
    expect(await storage.run('own', () => core.spawn(work))).toEqual(['own', 'own'])
    expect(await core.spawn(work)).toEqual([undefined, undefined])
  })

  describe('where a resource does not expose its context', () => {
    let turnsInContext = 0

    class HiddenResource {
      readonly #resource = new AsyncResource('Hidden')
      runInAsyncScope(fn: () => unknown, self: unknown, ...args: []) {
        turnsInContext += 1
        return this.#resource.runInAsyncScope(fn, self, ...args)
      }
    }

    async function importCore() {
      const hooks = { AsyncLocalStorage: class {}, AsyncResource: HiddenResource, executionAsyncResource: () => ({}) }
      const getBuiltinModule = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(hooks)
      onTestFinished(() => {
        vi.resetModules()
        vi.unstubAllGlobals()
      })
      vi.resetModules()
      const core = await import('../../src/index.ts')
      getBuiltinModule.mockRestore()
      turnsInContext = 0
      return core
    }

    async function expectToFollow(core: Awaited<ReturnType<typeof importCore>>, storage: AsyncLocalStorage<string>) {
      const work = function* () {
        const seen = [storage.getStore()]
        yield* core.sleep(1)
        seen.push(storage.getStore())
        storage.enterWith('entered')
        yield* core.sleep(0)
        return [...seen, storage.getStore()]
      }
      const workers = ['a', 'b'].map((name) => storage.run(name, () => core.spawn(work)))
      expect(await workers[0]).toEqual(['a', 'a', 'entered'])
      expect(await workers[1]).toEqual(['b', 'b', 'entered'])
      expect(storage.getStore()).toBeUndefined()
    }

    test('follows greenlets, as in Bun', async () => {
      await expectToFollow(await importCore(), new AsyncLocalStorage<string>())
    })

    test('follows greenlets in Deno, at no cost while no store is active', async () => {
      const storage = new AsyncLocalStorage<string>()
      vi.stubGlobal('Deno', {
        internal: 'internals',
        internals: { core: { getAsyncContext: () => storage.getStore() } },
      })
      const core = await importCore()
      expect(await core.spawn(() => core.sleep(0))).toBeUndefined()
      expect(turnsInContext).toBe(0)
      await expectToFollow(core, storage)
      expect(turnsInContext).toBeGreaterThan(0)
    })
  })

  test('is kept by plain code while it waits', async () => {
    const storage = new AsyncLocalStorage<number>()
    await storage.run(1, async () => {
      await sleep(1)
      expect(storage.getStore()).toBe(1)
    })
  })
})
