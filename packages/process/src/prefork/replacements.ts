import { getHub } from '@greenlit/core'
import { LONGEST_DELAY } from '../wait/longest-delay.ts'
import type { SetWorker } from './set-worker.ts'

/** How long it takes until a worker that died is replaced, all in milliseconds. */
interface Backoff {
  readonly backoff: number
  readonly maxBackoff: number
  readonly minUptime: number
}

/** Has workers that died replaced, after a while that grows with each death in a row. */
export class Replacements {
  private readonly settings: Backoff
  private readonly timers = new Set<NodeJS.Timeout>()

  constructor(settings: Backoff) {
    this.settings = settings
  }

  /** Calls `replace` with how many deaths in a row it is for, when it is time for another worker; again if that throws. */
  later(worker: SetWorker, replace: (deaths: number) => void): void {
    this.wait(worker.uptime < this.settings.minUptime ? worker.deaths + 1 : 1, replace)
  }

  private wait(deaths: number, replace: (deaths: number) => void): void {
    const { backoff, maxBackoff } = this.settings
    const replaceNow = () => {
      this.timers.delete(timer)
      try {
        replace(deaths)
      } catch (error) {
        // The system may be able to start one later.
        this.wait(deaths + 1, replace)
        getHub().handleError('a worker that could not be replaced', error)
      }
    }
    const timer = setTimeout(replaceNow, Math.min(backoff * 2 ** (deaths - 1), maxBackoff, LONGEST_DELAY))
    this.timers.add(timer)
  }

  /** Replaces nobody any more. */
  stop(): void {
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
  }
}
