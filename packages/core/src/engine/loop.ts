import { afterOtherWork, type Clock, systemClock } from './clock.ts'
import { RunQueue, type RunQueueNode } from './run-queue.ts'
import { DONE } from './suspension.ts'
import { type TimerNode, TimerQueue } from './timers.ts'

/** How many turns may pass before a batch checks the clock again: few at first, in case each is long, then up to the maximum. */
const FIRST_CLOCK_CHECK = 8
const MAX_TURNS_UNCHECKED = 64
/** The longest delay that a native timer supports. */
const MAX_DELAY = 2 ** 31 - 1

/**
 * The hub's loop: runs a FIFO batch of what is ready, bounded by `switchInterval`; then timers and I/O get their turn. A wake-up
 * from outside starts a batch in a microtask; a batch that ran too long continues after the platform's other work.
 */
class Loop {
  /** Replaced now and then: do not keep a reference to it. */
  queue: RunQueue = new RunQueue()
  readonly timers: TimerQueue = new TimerQueue()
  clock: Clock = systemClock
  switchInterval = 5
  /** The number of waits that something outside the hub ends (a promise, a socket). While there are any, there is no deadlock. */
  externalWaits = 0
  /**
   * Called when the loop becomes idle. A callback of the platform may still make work.
   */
  onIdle: (() => void) | null = null
  /** Counts batches, for code that must tell "later" from "now". */
  batches = 0

  /** The async context that batches run in, once contexts are in use. */
  context: { runInAsyncScope<A>(fn: (argument: A) => void, self: unknown, argument: A): unknown } | null = null

  /** @internal Whether a batch is running. */
  draining = false
  /** @internal Whether a batch is scheduled. */
  scheduled = false
  /** Starts a batch in a microtask. */
  private drainSoon!: () => void
  /** How many more turns of the platform overdue timers wait for. */
  private late = 0
  private microtaskBatches = 0
  /** When the platform last got its turn. */
  private lastBreak = 0
  private armedTick = Infinity
  private armedTimer: unknown = null
  private armedRef = true
  private armedBy: unknown = null

  constructor() {
    this.prepare()
  }

  /** Appends a node to the queue. */
  ready(node: RunQueueNode): void {
    this.queue.push(node)
    this.wake()
  }

  /** Queues a timer that fires in `delay` milliseconds. */
  addTimer(node: TimerNode, delay: number): void {
    this.timers.add(node, this.clock.now() + Math.max(delay, 0))
    this.wake()
  }

  /** Makes sure that a batch will run. The batch also checks the timers and whether anything is left to do. */
  wake(): void {
    if (this.draining || this.scheduled) return
    this.scheduled = true
    this.drainSoon()
  }

  /** @internal Schedules a batch after the platform's other work. */
  drainLater(): void {
    if (!this.scheduled) afterOtherWork(this.drainAfterOtherWork)
    this.scheduled = true
  }

  /**
   * @internal Whether microtasks have kept the thread to themselves for too long, in real time whatever clock the timers use.
   * Without this check, promise callbacks that wake each other would starve the platform's timers and I/O for ever.
   */
  isBusy(): boolean {
    if ((++this.microtaskBatches & 63) !== 0 || systemClock.now() - this.lastBreak < this.switchInterval) return false
    // It is still busy when asked again, until the platform gets its turn.
    this.microtaskBatches -= 1
    return true
  }

  /**
   * @internal Prepares `drainSoon`. This is done in advance, in the async context of the hub: in that of the code that wakes the hub,
   * greenlets would see its stores.
   */
  prepare(): void {
    new Promise<void>((resolve) => {
      this.drainSoon = resolve
    })
      // Not in the first microtask: `await operation` begins the operation there, which comes before greenlets spawned just now.
      .then()
      .then(() => {
        this.prepare()
        this.scheduled = false
        if (this.isBusy()) this.drainLater()
        else this.drain()
      })
  }

  private readonly drainAfterOtherWork = (): void => {
    this.scheduled = false
    this.lastBreak = systemClock.now()
    this.expireTimers(this.lastBreak)
  }

  private readonly expireTimers = (start?: number): void => {
    const now = this.clock.now()
    this.disarm()
    // After the thread was busy, data that has come meanwhile goes first, as in gevent: its readers must not be timed out instead. A
    // transport may deliver it a turn after the platform has read it. Greenlets that are ready wait too: they may be what is busy.
    this.late ||= now - this.timers.nextTick > 10 ? 3 : 1
    if (--this.late) {
      this.drainLater()
    } else {
      this.draining = true
      if (this.timers.expire(now)) this.drainLater()
      this.drain(start)
    }
  }

  /** @internal Runs a batch. */
  drain(start?: number): void {
    if (this.context === null) this.runAll(start)
    else this.context.runInAsyncScope(this.runAll, this, start)
  }

  /** Most batches are short, so the clock is first read at the first check, which also becomes the start of the batch. */
  private runAll(started?: number): void {
    let queue = this.queue
    let since = started
    // A batch that continues one that ran too long is likely to be as long.
    let checkAfter = since ? 1 : FIRST_CLOCK_CHECK
    let turnsLeft = checkAfter
    this.draining = true
    this.batches += 1
    try {
      for (let node = queue.shift(); node !== null; node = queue.shift()) {
        node._runInHub()
        if (--turnsLeft === 0) {
          const now = systemClock.now()
          since ??= now
          if (now - since >= this.switchInterval) break
          // While nothing is allocated, the nodes that run stay young. Writing a young node to an old queue then costs an entry
          // in the garbage collector's remembered set, a tenth of the switch; writing it to a new queue costs none.
          queue = this.queue = new RunQueue(queue)
          if (checkAfter < MAX_TURNS_UNCHECKED) checkAfter *= 2
          turnsLeft = checkAfter
        }
      }
    } finally {
      this.endBatch()
    }
  }

  /**
   * @internal Whether nothing is ready, no timer that keeps the program alive is left, and nobody waits for something outside the
   * hub.
   */
  get isIdle(): boolean {
    return this.queue.isEmpty && this.timers.refCount === 0 && this.externalWaits === 0
  }

  /** @internal */
  endBatch(): void {
    DONE.value = undefined
    this.draining = false
    if (!this.queue.isEmpty) {
      this.drainLater()
    } else if (this.isIdle) {
      this.onIdle?.()
    }
    // A scheduled batch arms the timer in its turn. Otherwise the platform would serve a timer that is already due before
    // anything else.
    if (!this.scheduled) this.arm()
  }

  private arm(): void {
    const tick = this.timers.nextTick
    if (tick === Infinity && this.armedTick === tick) return
    // Fake timers were installed or removed, and know nothing of the timer armed before.
    if (this.armedBy !== setTimeout) {
      this.armedBy = setTimeout
      this.armedTimer = null
      this.armedTick = Infinity
    }
    // A timer that fires too early costs one clock check; rearming it for each change costs more.
    if (tick < this.armedTick || tick === Infinity) {
      this.disarm()
      if (tick === Infinity) return
      const delay = Math.min(Math.max(Math.ceil(tick - this.clock.now()), 0), MAX_DELAY)
      this.armedTick = tick
      this.armedRef = true
      this.armedTimer = this.clock.setTimer(this.expireTimers, delay)
    }
    const ref = this.timers.refCount > 0
    if (ref !== this.armedRef) {
      this.armedRef = ref
      this.clock.refTimer(this.armedTimer, ref)
    }
  }

  /** @internal Cancels the native timer. */
  disarm(): void {
    if (this.armedTimer) this.clock.clearTimer(this.armedTimer)
    this.armedTimer = null
    this.armedTick = Infinity
  }
}

/** The loop of this thread. */
export const loop: Loop = new Loop()
export type { Loop }
