import type { SetWorker } from './set-worker.ts'

/** The workers of a set that are alive; of those that have as much to do, the one stands first that was chosen longest ago. */
export class Members extends Set<SetWorker> {
  /** Those that were not told to end, those first that have least to do. */
  get staying(): readonly SetWorker[] {
    return [...this].filter((worker) => !worker.isStopping).sort((one, other) => one.load - other.load)
  }

  /** How many are ready. */
  get readyCount(): number {
    let count = 0
    for (const worker of this) if (worker.isReady) count += 1
    return count
  }

  /** The one that has least to do of those that can take something; `undefined` if each has `most` things or more. */
  leastBusy(most: number): SetWorker | undefined {
    let best: SetWorker | undefined
    for (const worker of this) {
      if (worker.canTake && worker.load < (best?.load ?? most)) best = worker
    }
    return best
  }

  /** Adds to what one has to do, and puts it behind the others. */
  charge(worker: SetWorker): void {
    worker.load += 1
    this.delete(worker)
    this.add(worker)
  }
}
