import { runInNewContext } from 'node:vm'
import { attempt, sleep, spawn, until } from '@greenlit/core'
import { expect, test } from 'vitest'
import { collectReports } from '../support.ts'

test('errors of another realm, such as those of Node under Jest, are errors', async () => {
  const error = runInNewContext("Object.assign(new Error('no file'), { code: 'ENOENT' })")
  expect(await attempt(until(Promise.reject(error)))).toEqual({ ok: false, error })
  const reports = collectReports()
  const greenlet = spawn(sleep, 60_000)
  await sleep(0)
  await greenlet.kill(error)
  expect(greenlet.exception).toBe(error)
  expect(reports[0]!.error).toBe(error)
})
