import { checkOptions } from '../engine/check.ts'
import { loop } from '../engine/loop.ts'
import { RunQueueNode } from '../engine/run-queue.ts'
import { runtime } from '../engine/runtime.ts'
import { WaitQueue } from '../engine/wait-queue.ts'
import { ShutDown } from './errors.ts'

/** The maximum number of rounds in one turn of the hub; each serves at most one putter and one getter. */
const MAX_ROUNDS = 64

/**
 * The base of all queues: their waiting getters and putters. These are served in the hub, where each is resumed right after it was
 * served: an item that was handed over cannot be lost before its greenlet runs.
 */
export abstract class QueueBase extends RunQueueNode {
  /** @internal */
  readonly getters: WaitQueue = new WaitQueue()
  /** @internal */
  readonly putters: WaitQueue = new WaitQueue()
  /** Whether the queue was shut down (queue: is_shutdown). */
  isShutdown = false
  private scheduled = false

  /** @internal Whether there is an item for a getter. */
  abstract get canTake(): boolean

  /** @internal Whether there is room for the item of a putter. */
  abstract get canStore(): boolean

  /** Drops all items, on an immediate shutdown. */
  protected abstract dropItems(): void

  /**
   * Closes the queue: from now on `put` throws `ShutDown`, and so does `get` once the queue is empty. Greenlets that wait for room
   * get `ShutDown` too, as do those that wait for an item once none is left.
   *
   * @param options `immediate`: whether to drop the items that are left. Default false
   */
  shutdown(options: { immediate?: boolean | undefined } = {}): void {
    const { immediate } = checkOptions(options)
    this.isShutdown = true
    if (immediate) this.dropItems()
    failAll(this.putters)
    // The items that are left go to waiting getters first; `runInHub` then fails those that got none.
    if (!this.canTake) failAll(this.getters)
  }

  /** @internal Serves the waiters in the hub's next turn. */
  schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    loop.ready(this)
  }

  /** @internal */
  override _runInHub(): void {
    const more = this.serveAll()
    // Cleared only now: greenlets that are served may call `schedule`, and the loop above has already seen what they did.
    this.scheduled = false
    if (more) this.schedule()
    else if (this.isShutdown) failAll(this.getters)
  }

  /**
   * Serves the waiters immediately when called from a hub callback, which cannot block. Does nothing in a greenlet, not even in one
   * that a hub callback runs, as a kill does.
   */
  protected serveInHub(): void {
    if (runtime.inHub && runtime.current === null && this.serveAll()) this.schedule()
  }

  /**
   * Serves waiters until none can be served. Returns `true` if it stopped early: putters and getters that keep each other busy must
   * not starve the rest of the hub.
   */
  private serveAll(): boolean {
    for (let round = 0; round < MAX_ROUNDS; round += 1) if (!this.serveOnce()) return false
    return true
  }

  /** Serves the first putter, if there is room, and the first getter, if there is an item. Returns whether either was served. */
  protected serveOnce(): boolean {
    const hadRoom = this.serve(this.putters, 'canStore')
    return this.serve(this.getters, 'canTake') || hadRoom
  }

  /**
   * Serves the first waiter of a wait queue, if possible. An error thrown by the store of a subclass (for an item that cannot be
   * ordered) is raised in that waiter. Returns whether a waiter left the queue.
   */
  protected serve(waiters: WaitQueue, can: 'canStore' | 'canTake'): boolean {
    const waiter = waiters.first
    if (waiter === null) return false
    try {
      if (!this[can]) return false
      waiters.remove(waiter)
      waiter.notify(this)
    } catch (error) {
      waiters.remove(waiter)
      waiter.fail(error)
    }
    return true
  }
}

/** Raises `ShutDown` in all waiters. */
function failAll(waiters: WaitQueue): void {
  for (let waiter = waiters.shift(); waiter !== null; waiter = waiters.shift()) waiter.fail(new ShutDown())
}
