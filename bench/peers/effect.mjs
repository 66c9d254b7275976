import { Effect, Fiber } from 'effect'
import { nanosecondsPerOperation } from '../lib/measure.mjs'

export const twoTasks = () =>
  nanosecondsPerOperation((count) => {
    const task = Effect.gen(function* () {
      for (let turn = 0; turn < count / 2; turn += 1) yield* Effect.yieldNow
    })
    return Effect.runPromise(Effect.all([task, task], { concurrency: 'unbounded' }))
  }, 20_000)

export const spawnAndJoin = () =>
  nanosecondsPerOperation(
    (count) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const fibers = []
          for (let i = 0; i < count; i += 1) fibers.push(yield* Effect.forkChild(Effect.sync(() => 1)))
          for (const fiber of fibers) yield* Fiber.join(fiber)
        }),
      ),
    20_000,
  )
