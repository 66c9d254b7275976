import { activeCount, getHub, sleep } from '@greenlit/core'
import { afterEach, beforeEach } from 'vitest'

const WATCHED = /^(TCP|Pipe|UDP|TLS|Timeout|GetAddrInfo)/

function handles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => WATCHED.test(name) && name !== 'Timeout')
}

/** Checks after each test of the file that it left no open handle and no greenlet behind. */
export function guardLeaks(): void {
  let before: string[] = []
  let greenlets = 0
  beforeEach(() => {
    before = handles()
    greenlets = activeCount()
    getHub().exceptionStream = undefined
  })
  afterEach(async () => {
    for (let tries = 0; tries < 200 && handles().length > before.length; tries += 1) await sleep(5)
    const left = handles()
    if (left.length > before.length)
      throw new Error(`The test left handles open: ${left.join(', ')} (before: ${before})`)
    for (let tries = 0; tries < 200 && activeCount() > greenlets; tries += 1) await sleep(5)
    if (activeCount() > greenlets) throw new Error(`The test left ${activeCount() - greenlets} greenlets running`)
  })
}
