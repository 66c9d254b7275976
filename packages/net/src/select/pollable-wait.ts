import type { TimeLimit } from '@greenlit/core/engine'
import type { Observer, Pollable } from '../socket/description.ts'
import { Readiness } from './readiness.ts'

/** Waits until one of several things is ready that are given for this wait alone. */
export abstract class PollableWait<T> extends Readiness<T> implements Observer {
  private readonly pollables: readonly Pollable[]

  /** @param pollables some may be among them twice */
  constructor(pollables: readonly Pollable[], timeout: TimeLimit) {
    super(timeout)
    this.pollables = pollables
  }

  protected prepare(): boolean {
    let external = false
    for (const pollable of this.pollables) {
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
    // It may have become a connection just now.
    source.startWatching()
    if (source.closed || source.readable || source.writable) super.changed(source)
  }
}
