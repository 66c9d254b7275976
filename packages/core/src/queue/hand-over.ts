import { checkOptions } from '../engine/check.ts'
import { loop } from '../engine/loop.ts'
import { RunQueueNode } from '../engine/run-queue.ts'
import { runtime } from '../engine/runtime.ts'
import { WaitQueue } from '../engine/wait-queue.ts'
import { ShutDown } from './errors.ts'

/** How many rounds of serving one turn of the hub takes at most. */
const MOST_ROUNDS = 64

/**
 * Who waits at a queue, and how they are served: in the hub, where each runs right after it is served, so that what it was given
 * cannot be lost on the way.
 */
export abstract class HandOver extends RunQueueNode {
  /** @internal */
  readonly getters: WaitQueue = new WaitQueue()
  /** @internal */
  readonly putters: WaitQueue = new WaitQueue()
  /** Whether it was shut down (queue: is_shutdown). */
  isShutdown = false
  private scheduled = false

  /** @internal Whether an item can be handed to who waits for one. */
  abstract get canTake(): boolean

  /** @internal Whether the item of who waits for room can be taken over. */
  abstract get canStore(): boolean

  /** Drops the items at an immediate shutdown. */
  protected abstract dropItems(): void

  /**
   * Closes the queue: `put` throws `ShutDown` from now on, and so does `get` once nothing is left. Who waits is woken.
   *
   * @param options `immediate`: whether what is in it is dropped. Default false
   */
  shutdown(options: { immediate?: boolean } = {}): void {
    const { immediate } = checkOptions(options)
    this.isShutdown = true
    if (immediate) this.dropItems()
    turnAway(this.putters)
    // What is left is on its way to them; then it is their turn to be turned away.
    if (!this.canTake) turnAway(this.getters)
  }

  /** @internal Has waiting greenlets served in the hub's next turn. */
  schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    loop.ready(this)
  }

  /** @internal */
  override runInHub(): void {
    const more = this.unlock()
    // Not before: whom it serves may schedule, and is served in the same walk.
    this.scheduled = false
    if (more) this.schedule()
    else if (this.isShutdown) turnAway(this.getters)
  }

  /** Serves who waits at once if a callback of the hub asks, which cannot wait: not a greenlet that such a callback runs, as a kill does. */
  protected unlockInHub(): void {
    if (runtime.inHub && runtime.current === null && this.unlock()) this.schedule()
  }

  /** Serves who waits; answers whether there may be more: those that keep each other going let others have their turn now and then. */
  private unlock(): boolean {
    for (let round = 0; round < MOST_ROUNDS; round += 1) if (!this.serveOnce()) return false
    return true
  }

  /** Serves the first putter, if there is room, and the first getter, if there is an item; answers whether there was any. */
  protected serveOnce(): boolean {
    const hadRoom = this.serve(this.putters, 'canStore')
    return this.serve(this.getters, 'canTake') || hadRoom
  }

  /** Serves the first of a line, if it can be; what the store of a subclass throws (an item without an order) is for that greenlet. */
  protected serve(line: WaitQueue, can: 'canStore' | 'canTake'): boolean {
    const waiter = line.first
    if (waiter === null) return false
    try {
      if (!this[can]) return false
      line.remove(waiter)
      waiter.notify(this)
    } catch (error) {
      line.remove(waiter)
      waiter.fail(error)
    }
    return true
  }
}

/** Tells all who stand in a line of a queue that it was shut down. */
function turnAway(line: WaitQueue): void {
  for (let waiter = line.shift(); waiter !== null; waiter = line.shift()) waiter.fail(new ShutDown())
}
