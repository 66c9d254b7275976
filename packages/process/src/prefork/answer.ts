import { getHub, type Operation } from '@greenlit/core'
import { Changes } from './changes.ts'

type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** The pending reply of a worker to something that was handed to it. */
export class Answer {
  private readonly changes = new Changes()
  private readonly isAsked: boolean
  private outcome: Outcome | undefined = undefined

  constructor(isAsked: boolean) {
    this.isAsked = isAsked
  }

  set(value: unknown): void {
    this.end({ value })
  }

  /** The worker has failed. The error is reported to the hub if no caller waits for the reply. */
  fail(error: unknown): void {
    this.end({ error })
    if (!this.isAsked) getHub().handleError('a worker', error)
  }

  /** The worker has died. That is reported elsewhere: see `WorkerSetOptions.onDeath`. */
  lose(error: unknown): void {
    this.end({ error })
  }

  private end(outcome: Outcome): void {
    this.outcome = outcome
    this.changes.tell()
  }

  get(): Operation<unknown> {
    return this.changes.until('WorkerSet.ask', () => {
      const { outcome } = this
      if (outcome !== undefined && 'error' in outcome) throw outcome.error
      return outcome
    })
  }
}
