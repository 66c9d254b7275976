import { activeCount, getHub, sleep } from '@greenlit/core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'

const WATCHED = /^(TCP|Pipe|TLS|GetAddrInfo|HTTP)/

function handles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => WATCHED.test(name))
}

/**
 * Checks after each test of the file that it left no open handle or greenlet behind, and that no promise rejection went
 * unhandled.
 */
export function guardLeaks(): void {
  let before = 0
  let greenlets = 0
  const rejections: unknown[] = []
  const reported: string[] = []
  const note = (reason: unknown): void => {
    rejections.push(reason)
  }
  beforeAll(() => {
    process.on('unhandledRejection', note)
  })
  afterAll(() => {
    process.off('unhandledRejection', note)
  })
  beforeEach(() => {
    before = handles().length
    greenlets = activeCount()
    reported.length = 0
    getHub().exceptionStream = { write: (text: string) => reported.push(text) }
  })
  afterEach(async () => {
    for (let tries = 0; tries < 300 && (handles().length > before || activeCount() > greenlets); tries += 1)
      await sleep(5)
    const left = handles()
    if (left.length > before) throw new Error(`The test left handles open: ${left.join(', ')} (${before} before)`)
    if (activeCount() > greenlets) throw new Error(`The test left ${activeCount() - greenlets} greenlets running`)
    if (reported.length > 0) throw new Error(`The hub reported: ${reported.join('')}`)
    if (rejections.length > 0) throw new Error(`Rejected with nobody looking: ${String(rejections.splice(0))}`)
  })
}
