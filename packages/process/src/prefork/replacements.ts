import { getHub } from '@greenlit/core'
import { LONGEST_DELAY } from '../wait/longest-delay.ts'
import type { SetWorker } from './set-worker.ts'

/** The delays before a dead worker is replaced, in milliseconds; see `WorkerSetOptions`. */
interface Backoff {
  readonly backoff: number
  readonly maxBackoff: number
  readonly minUptime: number
}

/** Schedules the replacement of dead workers, with exponential backoff for consecutive deaths. */
export class Replacements {
  private readonly settings: Backoff
  private readonly timers = new Set<NodeJS.Timeout>()

  constructor(settings: Backoff) {
    this.settings = settings
  }

  /** Calls `replace` with the number of consecutive deaths when it is time to start a new worker, and retries if that throws. */
  schedule(worker: SetWorker, replace: (deaths: number) => void): void {
    this.scheduleAfter(worker.uptime < this.settings.minUptime ? worker.deaths + 1 : 1, replace)
  }

  private scheduleAfter(deaths: number, replace: (deaths: number) => void): void {
    const { backoff, maxBackoff } = this.settings
    const replaceNow = () => {
      this.timers.delete(timer)
      try {
        replace(deaths)
      } catch (error) {
        // The system may be able to start a process later.
        this.scheduleAfter(deaths + 1, replace)
        getHub().handleError('a worker that could not be replaced', error)
      }
    }
    const timer = setTimeout(replaceNow, Math.min(backoff * 2 ** (deaths - 1), maxBackoff, LONGEST_DELAY))
    this.timers.add(timer)
  }

  /** Cancels all pending replacements. */
  stop(): void {
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
  }
}
