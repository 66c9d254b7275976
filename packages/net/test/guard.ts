import { getHub } from '@greenlit/core'
import { type LeakCheck, watchLeaks } from '@greenlit/core/testing'
import { afterEach, beforeEach, vi } from 'vitest'

/** How long closing may take: where all processors are taken, that is long. */
const PATIENCE = 10_000

/** Checks after each test of the file that it left no open handle, no timer, no wait and no greenlet behind. */
export function guardLeaks(): void {
  vi.setConfig({ hookTimeout: 2 * PATIENCE })
  let leaks: LeakCheck
  beforeEach(() => {
    leaks = watchLeaks()
    getHub().exceptionStream = undefined
  })
  afterEach(async () => {
    await leaks.assertNone({ patience: PATIENCE })
  })
}
