import { type Coroutine, type Greenlet, killall, scope, sleep, spawn, Timeout, withTimeout } from '@greenlit/core'
import fc from 'fast-check'
import { expect } from 'vitest'
import { property } from './property.ts'

/** One step of a random greenlet in a tree of scopes. */
type Step =
  | { readonly do: 'sleep'; readonly time: number }
  | { readonly do: 'fail' }
  | { readonly do: 'cleanUp'; readonly time: number; readonly steps: readonly Step[] }
  | { readonly do: 'limit'; readonly time: number; readonly steps: readonly Step[] }
  | { readonly do: 'scope'; readonly children: readonly (readonly Step[])[]; readonly steps: readonly Step[] }

const time = fc.integer({ min: 0, max: 8 })
const { steps } = fc.letrec<{ steps: Step[]; step: Step }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 4 }),
  step: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('sleep' as const), time }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cleanUp' as const), time, steps: tie('steps') }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('limit' as const), time, steps: tie('steps') }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('scope' as const),
        children: fc.array(tie('steps'), { maxLength: 3 }),
        steps: tie('steps'),
      }),
    },
  ),
}))

const scene = fc.record({
  programs: fc.array(steps, { minLength: 1, maxLength: 3 }),
  kills: fc.array(fc.record({ time, at: fc.nat(3), fails: fc.boolean() }), { maxLength: 4 }),
})

class Failure extends Error {}

class Tree {
  begun = 0
  ended = 0;

  *run(steps: readonly Step[]): Coroutine<void> {
    this.begun += 1
    try {
      for (const step of steps) yield* this.step(step)
    } finally {
      this.ended += 1
    }
  }

  private *step(step: Step): Coroutine<void> {
    switch (step.do) {
      case 'sleep':
        yield* sleep(step.time)
        break
      case 'fail':
        throw new Failure()
      case 'cleanUp':
        try {
          yield* this.run(step.steps)
        } finally {
          yield* sleep(step.time)
        }
        break
      case 'limit':
        yield* withTimeout(step.time, () => this.run(step.steps), { timeoutValue: undefined })
        break
      case 'scope':
        yield* this.scope(step.children, step.steps)
        break
    }
  }

  private *scope(children: readonly (readonly Step[])[], steps: readonly Step[]): Coroutine<void> {
    const greenlets: Greenlet<void>[] = []
    try {
      const value = yield* scope((group) => {
        for (const child of children) greenlets.push(group.spawn((own: readonly Step[]) => this.run(own), child))
        return this.run(steps)
      })
      expect(value).toBe(undefined)
      for (const greenlet of greenlets) expect(greenlet.successful()).toBe(true)
    } catch (error) {
      if (error instanceof Failure) expect(children.length + steps.length).toBeGreaterThan(0)
      throw error
    } finally {
      expect(greenlets.filter((greenlet) => !greenlet.ready()).map(String)).toEqual([])
    }
  }
}

property('a scope leaves no greenlet behind, however it ends', scene, function* (scene) {
  const tree = new Tree()
  const roots = scene.programs.map((steps) => spawn(() => tree.run(steps)))
  for (const { time, at, fails } of scene.kills) {
    yield* sleep(time)
    const root = roots[at % roots.length]!
    if (fails) root.kill(new Failure())
    else root.kill()
  }
  yield* sleep(1000)
  for (const root of roots) {
    expect(root.ready()).toBe(true)
    const { exception } = root
    expect(exception === undefined || exception instanceof Failure || exception instanceof Timeout).toBe(true)
  }
  yield* killall(roots)
  expect(tree.ended).toBe(tree.begun)
})
