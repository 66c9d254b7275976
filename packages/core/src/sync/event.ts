import { Blocking } from '../engine/blocking.ts'
import { checkTimeout, type TimeLimit } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { countLinks, firstLink, type Links, type LinkTarget, withLink, withoutLink } from '../greenlet/links.ts'
import { Linkable } from './linkable.ts'

/**
 * A flag to wait for (gevent: Event).
 *
 * @example
 * const green = new Event()
 * spawn(function* car() {
 *   yield* green.wait()
 * })
 * green.set()
 */
export class Event extends Linkable {
  private flag = false
  /** Those who waited when the flag was set: they are woken even if it is cleared before their turn. */
  private woken: Links = null

  /** Sets the flag. Waiters run later, in order; each gets `true`, also if the flag is cleared before that. */
  set(): void {
    this.flag = true
    if (this.links === null) return
    for (let link = firstLink(this.links); link !== null; link = firstLink(this.links)) {
      this.links = withoutLink(this.links, link)
      this.woken = withLink(this.woken, link)
    }
    this.schedule()
  }

  /** Clears the flag. */
  clear(): void {
    this.flag = false
  }

  /** Whether the flag is set. */
  isSet(): boolean {
    return this.flag
  }

  override ready(): boolean {
    return this.flag
  }

  /**
   * Waits until the flag is set.
   *
   * @param options `timeout`: milliseconds, default without end; 0 only looks
   * @returns `true`; `false` when the time is over
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<boolean> {
    return new Wait(this, checkTimeout(options.timeout))
  }

  /** @internal Answers whether a new waiter may go on at once: not ahead of those who are yet to be woken. */
  get isOpen(): boolean {
    return this.flag && this.woken === null
  }

  /** @internal */
  override addLink(target: LinkTarget): void {
    if (!this.flag) {
      super.addLink(target)
      return
    }
    this.woken = withLink(this.woken, target)
    this.schedule()
  }

  /** @internal */
  override removeLink(target: LinkTarget): void {
    super.removeLink(target)
    this.woken = withoutLink(this.woken, target)
  }

  override linkCount(): number {
    return countLinks(this.links) + countLinks(this.woken)
  }

  protected override notifyLinks(): void {
    for (let link = firstLink(this.woken); link !== null; link = firstLink(this.woken)) this.tell(link)
  }
}

class Wait extends Blocking<boolean> implements LinkTarget {
  private readonly event: Event
  private readonly timeout: TimeLimit

  constructor(event: Event, timeout: TimeLimit) {
    super()
    this.event = event
    this.timeout = timeout
  }

  start(): boolean {
    if (this.event.isOpen || this.timeout === 0) {
      this.outcome = this.event.isSet()
      return true
    }
    this.event.addLink(this)
    this.limit(this.timeout)
    return false
  }

  cancel(): void {
    this.event.removeLink(this)
  }

  override expire(): boolean {
    return false
  }

  notify(): void {
    this.switchTo(true)
  }

  describe(): string {
    return 'Event.wait'
  }
}
