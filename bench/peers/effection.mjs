import { run, spawn, until } from 'effection'
import { nanosecondsPerOperation } from '../lib/measure.mjs'

/** Two tasks that wait for a resolved promise in turns, its cheapest way to give up control. */
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

/** Fewer tasks than the others have: its cost of one grows with their number. */
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
