import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import type { Description, Observer } from '../description/description.ts'

/** Waits until a socket has reached the state that the subclass asks for. */
export abstract class StateWait<D extends Description = Description> extends Blocking<boolean> implements Observer {
  protected readonly description: D
  private readonly timeout: TimeLimit

  constructor(description: D, timeout: TimeLimit) {
    super()
    this.description = description
    this.timeout = timeout
  }

  /** Whether the socket is in that state. */
  protected abstract reached(): boolean

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    if (this.reached()) {
      this.outcome = true
      return true
    }
    this.observe()
    this.limit(this.timeout)
    return false
  }

  protected observe(): void {
    this.description.observe(this)
  }

  changed(): void {
    if (!this.reached()) return
    this.cancel()
    this.wake(true)
  }

  cancel(): void {
    this.description.unobserve(this)
  }
}
