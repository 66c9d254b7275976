import { runSaga } from 'redux-saga'
import { all, call, fork, join } from 'redux-saga/effects'
import { nanosecondsPerOperation } from '../lib/measure.mjs'

export const twoTasks = () =>
  nanosecondsPerOperation((count) => {
    const resolved = Promise.resolve()
    function* task() {
      for (let turn = 0; turn < count / 2; turn += 1) yield resolved
    }
    return runSaga({}, function* () {
      yield all([call(task), call(task)])
    }).toPromise()
  }, 100_000)

/** Uses fewer tasks than the other libraries, because the list of forks is searched whenever one ends. */
export const spawnAndJoin = () =>
  nanosecondsPerOperation(
    (count) =>
      runSaga({}, function* () {
        const tasks = []
        for (let i = 0; i < count; i += 1) {
          tasks.push(
            yield fork(function* () {
              return 1
            }),
          )
        }
        yield join(tasks)
      }).toPromise(),
    5_000,
  )
