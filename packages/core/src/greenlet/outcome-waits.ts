import { Blocking } from '../engine/blocking.ts'
import type { TimeLimit } from '../engine/check.ts'
import type { Greenlet } from './greenlet.ts'
import type { LinkTarget } from './links.ts'
import { overdue, Timeout } from './timeout.ts'

/** The wait of `Greenlet.join`. */
export class Join extends Blocking<undefined> implements LinkTarget {
  private readonly greenlet: Greenlet<unknown>
  private readonly timeout: TimeLimit

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

  cancel(): void {
    this.greenlet.removeLink(this)
  }

  override notify(): void {
    this.switchTo(undefined)
  }

  describe(): string {
    return `the end of ${this.greenlet}`
  }
}

/** The wait of `Greenlet.get`. */
export class Get<T> extends Blocking<T> implements LinkTarget {
  private readonly greenlet: Greenlet<T>
  private readonly block: boolean
  private readonly timeout: TimeLimit

  constructor(greenlet: Greenlet<T>, block: boolean, timeout: TimeLimit) {
    super()
    this.greenlet = greenlet
    this.block = block
    this.timeout = timeout
  }

  start(): boolean {
    this.greenlet.observe()
    if (this.greenlet.ready()) {
      if (!this.greenlet.successful()) throw this.greenlet.exception
      this.outcome = this.greenlet.value
      return true
    }
    if (!this.block || this.timeout === 0) throw new Timeout(0)
    this.greenlet.addLink(this)
    this.limit(this.timeout)
    return false
  }

  cancel(): void {
    this.greenlet.removeLink(this)
  }

  override expire(): T {
    throw overdue(this.timeout)
  }

  override notify(): void {
    if (this.greenlet.successful()) this.switchTo(this.greenlet.value as T)
    else this.throwTo(this.greenlet.exception)
  }

  describe(): string {
    return `the outcome of ${this.greenlet}`
  }
}
