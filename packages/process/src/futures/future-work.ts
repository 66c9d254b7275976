import type { Outcome } from '../pool/outcome.ts'
import { Work } from '../pool/work.ts'
import type { How } from '../pool/worker.ts'
import type { CheckedTarget } from '../process/target.ts'
import type { Future } from './future.ts'

/** The call behind a future, as work for the workers. */
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

  /** Serializes the arguments as they are now; may throw. */
  prepare(): void {
    super.payload()
  }

  /** Called when a worker takes the work: a second time if the first worker died before it was ready. */
  override payload() {
    if (!this.future.running()) this.future.setRunningOrNotifyCancel()
    return super.payload()
  }
}
