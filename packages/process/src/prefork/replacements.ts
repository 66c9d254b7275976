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

  /** Calls `replace` with how many deaths in a row it is for, when it is time for another worker. */
  later(worker: SetWorker, replace: (deaths: number) => void): void {
    const { backoff, maxBackoff, minUptime } = this.settings
    const deaths = worker.uptime < minUptime ? worker.deaths + 1 : 1
    const replaceNow = () => {
      this.timers.delete(timer)
      replace(deaths)
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
