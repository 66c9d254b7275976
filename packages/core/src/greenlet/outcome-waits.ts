import { Blocking } from '../engine/blocking.ts'
import type { TimeLimit } from '../engine/check.ts'
import type { Greenlet } from './greenlet.ts'
import type { LinkTarget } from './links.ts'
import { timeoutError } from './timeout.ts'

/** The base of the waits for a greenlet's end. */
abstract class EndWait<T> extends Blocking<T> implements LinkTarget {
  protected readonly greenlet: Greenlet<unknown>
  protected readonly timeout: TimeLimit

  constructor(greenlet: Greenlet<unknown>, timeout: TimeLimit) {
    super()
    this.greenlet = greenlet
    this.timeout = timeout
  }

  start(): boolean {
    if (this.greenlet.ready()) return true
    this.greenlet.addLink(this)
    this.limit(this.timeout)
    return false
  }

  abstract notify(): void

  cancel(): void {
    this.greenlet.removeLink(this)
  }
}

/** The wait of `Greenlet.join`. */
export class Join extends EndWait<undefined> {
  notify(): void {
    this.switchTo(undefined)
  }

  describe(): string {
    return `the end of ${this.greenlet}`
  }
}

/** The wait of `Greenlet.get`. */
export class Get<T> extends EndWait<T> {
  override start(): boolean {
    const { greenlet } = this
    greenlet._observe()
    if (!greenlet.ready()) {
      if (this.timeout === 0) this.expire()
    } else if (greenlet.successful()) {
      this.outcome = greenlet.value
    } else {
      throw greenlet.exception
    }
    return super.start()
  }

  override expire(): never {
    throw timeoutError(this.timeout)
  }

  notify(): void {
    if (this.greenlet.successful()) this.switchTo(this.greenlet.value as T)
    else this.throwTo(this.greenlet.exception)
  }

  describe(): string {
    return `the outcome of ${this.greenlet}`
  }
}
