import type { Outcome } from '../pool/outcome.ts'
import { PoolTask } from '../pool/pool-task.ts'
import type { CallMode } from '../pool/worker.ts'
import type { CheckedTarget } from '../process/target.ts'
import type { Future } from './future.ts'

/** The call behind a future, as a task for the workers. */
export class FutureTask extends PoolTask {
  readonly future: Future

  constructor(
    future: Future,
    target: CheckedTarget,
    mode: CallMode,
    items: readonly unknown[],
    done: (outcomes: readonly Outcome[]) => void,
  ) {
    super(target, mode, items, 0, done)
    this.future = future
  }

  /** Serializes the arguments as they are now; may throw. */
  prepare(): void {
    super.payload()
  }

  /** Called when a worker takes the task: a second time if the first worker died before it was ready. */
  override payload() {
    if (!this.future.running()) this.future.setRunningOrNotifyCancel()
    return super.payload()
  }
}
