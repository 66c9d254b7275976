import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
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

test('a turn of the hub that throws is an uncaught error of the program, and the hub goes on if that is handled', async () => {
  const core = new URL('../../dist/index.js', import.meta.url).href
  const source = `
    import { Semaphore, sleep, spawn } from '${core}'
    class Broken extends Semaphore {
      ready() {
        throw new Error('broken')
      }
    }
    process.on('uncaughtException', (error) => console.log(error.message))
    const broken = new Broken(0)
    spawn(() => broken.acquire({ timeout: 1 }))
    const other = spawn(() => sleep(5))
    await sleep(0)
    broken.release()
    await other
    console.log('went on')`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source])
  expect(stdout).toBe('broken\nwent on\n')
})
