import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep, spawn, withTimeout } from '@greenlit/core'
import { startWatchdog } from '@greenlit/core/observe'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { program, thrownBy } from '../support.ts'

function holdTheThread(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    // busy
  }
}

describe('startWatchdog', () => {
  let folder: string
  let path: string
  let file: number
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
    path = join(folder, 'report')
    file = openSync(path, 'a')
  })
  afterEach(() => {
    closeSync(file)
    rmSync(folder, { recursive: true })
  })

  it(
    'reports from another thread, with the stack of the blocked one',
    program(function* () {
      const watchdog = startWatchdog({ maxBlockingTime: 50, file })
      try {
        // The watching thread takes a while to start, so this thread keeps blocking until a report appears.
        const seen =
          /^The thread has been held for \d+ ms\n(?: +at .*\n)*? +at holdTheThread .*watchdog\.test\.ts.*\n +at hog /m
        yield* withTimeout(10_000, function* () {
          while (!seen.test(readFileSync(path, 'utf8'))) {
            yield* spawn(function* hog() {
              holdTheThread(200)
              yield* sleep(50)
            })
          }
        })
      } finally {
        yield* watchdog.stop()
      }
    }),
  )

  it('sends several heartbeats in the time after which it reports, so that an idle thread is not reported', async () => {
    const setInterval = vi.spyOn(globalThis, 'setInterval')
    try {
      await startWatchdog({ file }).stop()
      await startWatchdog({ maxBlockingTime: 200, file }).stop()
      expect(setInterval.mock.calls.map(([, period]) => period)).toEqual([250, 50])
    } finally {
      setInterval.mockRestore()
    }
  })

  it('rejects bad options up front', () => {
    expect(thrownBy(() => startWatchdog({ maxBlockingTime: 0 }))).toBeInstanceOf(RangeError)
    expect(thrownBy(() => startWatchdog({ maxBlockingTime: 'x' as never }))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => startWatchdog({ file: -1 }))).toBeInstanceOf(TypeError)
  })
})
