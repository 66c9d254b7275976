import { getHub } from '@greenlit/core'
import { type LeakCheck, watchLeaks } from '@greenlit/core/testing'
import { afterEach, beforeEach, vi } from 'vitest'

/** How long closing may take, in milliseconds: long, for machines under full load. */
const PATIENCE = 10_000

/** Checks after each test of the file that it has left no open handles, timers, waits or greenlets behind. */
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
