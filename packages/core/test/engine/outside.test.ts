import { AsyncResult, sleep, spawn } from '@greenlit/core'
import { beginBatch } from '@greenlit/core/engine'
import { expect, test } from 'vitest'

test('a greenlet woken by beginBatch runs before the callback of the platform returns', async () => {
  const seen: string[] = []
  const result = new AsyncResult<string>()
  const greenlet = spawn(function* () {
    seen.push(yield* result.get())
  })
  await sleep(1)
  await new Promise<void>((resolve) => {
    setTimeout(() => {
      beginBatch((value) => {
        result.set(value)
        seen.push('set')
      }, 'got')
      seen.push('over')
      resolve()
    })
  })
  await greenlet
  expect(seen).toEqual(['set', 'got', 'over'])
})

test('an error of its function is thrown to the caller of beginBatch, and the hub goes on', async () => {
  const failure = new Error('out of order')
  let ran = false
  expect(() =>
    beginBatch(() => {
      spawn(function* () {
        ran = true
      })
      throw failure
    }, undefined),
  ).toThrow(failure)
  expect(ran).toBe(true)
  await sleep(1)
})
