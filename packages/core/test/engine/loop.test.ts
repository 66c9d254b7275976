import { sleep, spawn } from '@greenlit/core'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.useRealTimers()
})

test('what sleeps when fake timers go wakes by the real ones, and holds up no other sleep', async () => {
  vi.useFakeTimers()
  const left = spawn(sleep, 1)
  await vi.advanceTimersByTimeAsync(0)
  expect(left.dead).toBe(false)
  vi.useRealTimers()
  await sleep(1)
  await left
})

test('what sleeps when fake timers come holds up no sleep that goes by them', async () => {
  const real = spawn(sleep, 10)
  await sleep(0)
  vi.useFakeTimers()
  const fake = spawn(sleep, 60_000)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(fake.dead).toBe(true)
  vi.useRealTimers()
  await real
})
