import co from 'co'
import { nanosecondsPerOperation } from '../lib/measure.mjs'

export const twoTasks = () =>
  nanosecondsPerOperation((count) => {
    const resolved = Promise.resolve()
    function* task() {
      for (let turn = 0; turn < count / 2; turn += 1) yield resolved
    }
    return Promise.all([co(task), co(task)])
  }, 200_000)

export const spawnAndJoin = () =>
  nanosecondsPerOperation((count) => {
    const tasks = []
    for (let i = 0; i < count; i += 1) {
      tasks.push(
        co(function* () {
          return 1
        }),
      )
    }
    return Promise.all(tasks)
  }, 100_000)
