import { getHub, type Operation } from '@greenlit/core'
import { ChangeNotifier } from './change-notifier.ts'

type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** The pending reply of a worker to something that was handed to it. */
export class Reply {
  private readonly changes = new ChangeNotifier()
  private readonly isAwaited: boolean
  private outcome: Outcome | undefined = undefined

  constructor(isAwaited: boolean) {
    this.isAwaited = isAwaited
  }

  resolve(value: unknown): void {
    this.end({ value })
  }

  /** The worker has failed. The error is reported to the hub if no caller waits for the reply. */
  fail(error: unknown): void {
    this.end({ error })
    if (!this.isAwaited) getHub().handleError('a worker', error)
  }

  /** The worker has died. That is reported elsewhere: see `WorkerSetOptions.onDeath`. */
  workerDied(error: unknown): void {
    this.end({ error })
  }

  private end(outcome: Outcome): void {
    this.outcome = outcome
    this.changes.notify()
  }

  get(): Operation<unknown> {
    return this.changes.waitUntil('WorkerSet.ask', () => {
      const { outcome } = this
      if (outcome !== undefined && 'error' in outcome) throw outcome.error
      return outcome
    })
  }
}
