import type { SetWorker } from './set-worker.ts'

/** The live workers of a set. Among workers with equal load, the least recently chosen one comes first. */
export class Members extends Set<SetWorker> {
  /** The workers that were not told to stop, least loaded first. */
  get active(): readonly SetWorker[] {
    return [...this].filter((worker) => !worker.isStopping).sort((one, other) => one.load - other.load)
  }

  /** The number of workers that are ready. */
  get readyCount(): number {
    let count = 0
    for (const worker of this) if (worker.isReady) count += 1
    return count
  }

  /** The least loaded worker that can be given something; `undefined` if all have a load of `limit` or more. */
  leastBusy(limit: number): SetWorker | undefined {
    let best: SetWorker | undefined
    for (const worker of this) {
      if (worker.canTake && worker.load < (best?.load ?? limit)) best = worker
    }
    return best
  }

  /** Adds 1 to a worker's load and moves it behind the others. */
  addLoad(worker: SetWorker): void {
    worker.load += 1
    this.delete(worker)
    this.add(worker)
  }
}
