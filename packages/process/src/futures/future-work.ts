import type { Outcome } from '../pool/outcome.ts'
import { Work } from '../pool/work.ts'
import type { How } from '../pool/worker.ts'
import type { CheckedTarget } from '../process/target.ts'
import type { Future } from './future.ts'

/** A future's call as work for a crew. */
export class FutureWork extends Work {
  readonly future: Future

  constructor(
    future: Future,
    target: CheckedTarget,
    how: How,
    items: readonly unknown[],
    done: (outcomes: readonly Outcome[]) => void,
  ) {
    super(target, how, items, 0, done)
    this.future = future
  }

  /** Packs what goes with it as it is now; may throw. */
  prepare(): void {
    super.payload()
  }

  /** A worker takes it; another one may have before, and died before it was ready. */
  override payload() {
    if (!this.future.running()) this.future.setRunningOrNotifyCancel()
    return super.payload()
  }
}
