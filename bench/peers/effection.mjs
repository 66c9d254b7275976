import { run, spawn, until } from 'effection'
import { nanosecondsPerOperation } from '../lib/measure.mjs'

/** Two tasks that take turns waiting for a resolved promise, the cheapest way to yield in effection. */
export const twoTasks = () =>
  nanosecondsPerOperation(
    (count) =>
      run(function* () {
        const resolved = Promise.resolve()
        function* task() {
          for (let turn = 0; turn < count / 2; turn += 1) yield* until(resolved)
        }
        const first = yield* spawn(task)
        const second = yield* spawn(task)
        yield* first
        yield* second
      }),
    4_000,
  )

/** Uses fewer tasks than the other libraries, because the cost of each grows with their number. */
export const spawnAndJoin = () =>
  nanosecondsPerOperation(
    (count) =>
      run(function* () {
        const tasks = []
        for (let i = 0; i < count; i += 1) {
          tasks.push(
            yield* spawn(function* () {
              return 1
            }),
          )
        }
        for (const task of tasks) yield* task
      }),
    1_000,
  )
