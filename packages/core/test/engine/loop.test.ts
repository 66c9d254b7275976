import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { sleep, spawn } from '@greenlit/core'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.useRealTimers()
})

test('a sleep that is pending when fake timers are removed ends in real time, and delays no other sleep', async () => {
  vi.useFakeTimers()
  const left = spawn(sleep, 1)
  await vi.advanceTimersByTimeAsync(0)
  expect(left.dead).toBe(false)
  vi.useRealTimers()
  await sleep(1)
  await left
})

test('a sleep that is pending when fake timers are installed delays no sleep in fake time', async () => {
  const real = spawn(sleep, 10)
  await sleep(0)
  vi.useFakeTimers()
  const fake = spawn(sleep, 60_000)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(fake.dead).toBe(true)
  vi.useRealTimers()
  await real
})

test('an error in a turn of the hub is an uncaught exception, and the hub goes on if the program handles it', async () => {
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
