import { Blocking } from '../engine/blocking.ts'
import type { TimeLimit } from '../engine/check.ts'
import type { Linkable } from './linkable.ts'

/** A wait with a limit, as a link of what is waited for. */
export abstract class LinkWait<T, S extends Linkable> extends Blocking<T> {
  protected readonly source: S
  protected readonly timeout: TimeLimit

  constructor(source: S, timeout: TimeLimit) {
    super()
    this.source = source
    this.timeout = timeout
  }

  /** Gives what there is at once, if there is any or no time to wait; else joins the line. */
  protected answerOrWait(isThere: boolean, value: T): boolean {
    this.outcome = value
    if (isThere || this.timeout === 0) return true
    this.source.addLink(this)
    this.limit(this.timeout)
    return false
  }

  cancel(): void {
    this.source.removeLink(this)
  }
}
