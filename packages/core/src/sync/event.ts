import type { TimeLimit } from '../engine/check.ts'
import { blockingExecution } from '../engine/operation.ts'
import { QueuedOperation, type QueuedWaiter } from '../engine/queued-operation.ts'
import { DONE_WITH_TRUE, type Operation, type Suspension } from '../engine/suspension.ts'
import { WaitQueue, type WaitQueueNode } from '../engine/wait-queue.ts'
import { Linkable } from './linkable.ts'

/**
 * A flag that greenlets can wait for (gevent: Event).
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
  /** The waiters at the time the flag was set. They are woken even if it is cleared before their turn. */
  private readonly woken: WaitQueue = new WaitQueue()
  private waitOperation: Wait | null = null

  /** Sets the flag. Waiters run later, in order; each gets `true`, even if the flag is cleared before it runs. */
  set(): void {
    this.flag = true
    if (this.links.first === null) return
    for (let node = this.links.shift(); node !== null; node = this.links.shift()) this.woken.push(node)
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
   * @param options `timeout`: milliseconds, default no limit; 0 does not wait
   * @returns `true`; `false` on timeout
   */
  wait(options?: { timeout?: TimeLimit }): Operation<boolean> {
    return (this.waitOperation ??= new Wait(this)).limited(options)
  }

  /** @internal What reports show for a greenlet that waits for the event. */
  get waitName(): string {
    return 'Event.wait'
  }

  /** @internal Whether a new waiter may continue immediately. It must not overtake waiters that are yet to be woken. */
  get isOpen(): boolean {
    return this.flag && this.woken.first === null
  }

  /** @internal */
  override addLink(node: WaitQueueNode): void {
    if (!this.flag) {
      this.links.push(node)
      return
    }
    this.woken.push(node)
    this.schedule()
  }

  /** @internal */
  override findLink(match: (node: WaitQueueNode) => boolean): WaitQueueNode | null {
    return this.links.find(match) ?? this.woken.find(match)
  }

  override linkCount(): number {
    return this.links.length + this.woken.length
  }

  override _runInHub(): void {
    const { woken } = this
    for (let left = woken.length; left > 0 && woken.first !== null; left -= 1) this.notifyLink(woken.first)
  }
}

class Wait extends QueuedOperation<boolean> {
  private readonly event: Event

  constructor(event: Event) {
    super()
    this.event = event
  }

  override next(): IteratorResult<Suspension, boolean> {
    const execution = blockingExecution()
    return execution._waiting === null ? (this.poll() ?? this.enqueue(execution)) : this.goOn(execution)
  }

  poll(): IteratorResult<Suspension, boolean> | null {
    return this.event.isOpen ? DONE_WITH_TRUE : null
  }

  override pollOnce(): boolean {
    return this.event.isSet()
  }

  enter(waiter: WaitQueueNode): void {
    this.event.addLink(waiter)
  }

  serve(waiter: QueuedWaiter): void {
    waiter.switchTo(true)
  }

  expire(): boolean {
    return false
  }

  describe(): string {
    return this.event.waitName
  }
}
