import type { TimeLimit } from '@greenlit/core/engine'
import type { Observer, Pollable } from '../description/description.ts'
import { ReadinessWait } from './readiness-wait.ts'

/** A wait for any of several pollables that are observed only for this one wait. */
export abstract class PollableWait<T> extends ReadinessWait<T> implements Observer {
  private readonly pollables: readonly Pollable[]

  /** @param pollables may contain the same pollable more than once */
  constructor(pollables: readonly Pollable[], timeout: TimeLimit) {
    super(timeout)
    this.pollables = pollables
  }

  protected prepare(): boolean {
    let external = false
    for (const pollable of this.pollables) {
      pollable.forget?.()
      pollable.startWatching()
      external ||= pollable.isExternal
    }
    return external
  }

  protected watch(): void {
    for (const pollable of this.pollables) pollable.observe(this)
  }

  protected unwatch(): void {
    for (const pollable of this.pollables) pollable.unobserve(this)
  }

  override changed(source: Pollable): void {
    // The socket may only now have become a connection, whose input is not being watched yet.
    source.startWatching()
    if (source.closed || source.readable || source.writable) super.changed(source)
  }
}
