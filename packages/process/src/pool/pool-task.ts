import { type Payload, pack } from '../codec/payload.ts'
import type { CheckedTarget } from '../process/target.ts'
import type { Outcome } from './outcome.ts'
import type { Task } from './pool-worker.ts'
import type { CallMode } from './worker.ts'

/**
 * A task of a pool. Its arguments are encoded only when a worker is free for it: encoding all of a large map at once would block
 * this process.
 */
export class PoolTask implements Task {
  readonly target: CheckedTarget
  readonly mode: CallMode
  retries: number
  // These keep shared objects alive: another worker may get the task when one dies.
  private readonly items: readonly unknown[]
  private packed: Payload | undefined = undefined
  private readonly done: (outcomes: readonly Outcome[]) => void

  /** @param done receives the outcomes, once */
  constructor(
    target: CheckedTarget,
    mode: CallMode,
    items: readonly unknown[],
    retries: number,
    done: (outcomes: readonly Outcome[]) => void,
  ) {
    this.target = target
    this.mode = mode
    this.items = items
    this.retries = retries
    this.done = done
  }

  payload(): Payload {
    this.packed ??= pack(this.items)
    return this.packed
  }

  releasePayload(): void {
    this.packed?.recall?.()
    this.packed = undefined
  }

  onEnd(outcomes: readonly Outcome[]): void {
    this.done(outcomes)
  }
}
