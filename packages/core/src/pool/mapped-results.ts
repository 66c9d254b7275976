import { Call } from '../engine/call.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import type { Greenlet } from '../greenlet/greenlet.ts'
import type { LinkTarget } from '../greenlet/links.ts'
import type { Join } from '../greenlet/outcome-waits.ts'
import type { GreenletFunction } from '../greenlet/raw-greenlet.ts'
import { sleep } from '../greenlet/sleep.ts'
import { spawn } from '../greenlet/spawn.ts'
import type { SpawnSite } from '../greenlet/spawn-site.ts'
import { SimpleQueue } from '../queue/simple-queue.ts'
import { Semaphore } from '../sync/semaphore.ts'
import { CooperativeIterator } from '../wait/cooperative-iterator.ts'
import type { Reader } from './source.ts'

/** The group in whose members the function runs. */
interface MappingGroup {
  /** The greenlets that bring in members. */
  readonly feeders: Set<Greenlet<unknown>>
  /** Kills a feeder, unless it is dying already. */
  killOnce(feeder: Greenlet<unknown>): void
  /** Whether a feeder was killed. */
  isDying(feeder: Greenlet<unknown>): boolean
  /** Waits for room. */
  waitAvailable(): Operation<unknown>
  /** Starts a function in a new member. */
  begin(fn: GreenletFunction, args: readonly unknown[], site: SpawnSite | null): Greenlet<unknown>
}

/** The function to map, the sources to map it over, and the options. */
export interface Plan {
  readonly fn: GreenletFunction
  readonly readers: readonly Reader[]
  /** Whether the results keep the order of the source. */
  readonly ordered: boolean
  /** The maximum number of results that are not read yet; `undefined` and 0 mean unbounded. */
  readonly maxsize: number | undefined
  readonly site: SpawnSite | null
}

/**
 * The results of a function that members of a group run for each item of a source. A separate greenlet, the feeder, reads the source
 * and spawns the members.
 *
 *     unordered: source -> feeder -> members -> results -> next()      members are queued when they finish
 *     ordered:   source -> feeder ------------> results -> next()      members are queued at once; next() waits for the first one
 */
export class MappedResults<R> extends CooperativeIterator<R> implements LinkTarget {
  /** @internal The last error of a call that `take` threw, to tell it from a kill of the reader. */
  raised: unknown
  private readonly group: MappingGroup
  private readonly plan: Plan
  /** The members whose results are to be read, in order. `null` marks the end, and is never taken out. */
  private readonly results: SimpleQueue<Greenlet<unknown> | null> = new SimpleQueue()
  /** Held by the one reader that waits for the next result. */
  private readonly readLock: Semaphore = new Semaphore()
  /** A permit for each result that may still be added before one is read. */
  private readonly slots: Semaphore | undefined
  /** @internal */
  readonly feeder: Greenlet<{ error: unknown } | undefined>
  private failure: { error: unknown } | undefined
  /** The number of greenlets that may still add to `results`: the feeder and, if unordered, the members that it started. */
  private pending = 1
  private ended = false
  /** The wait of the reader for the first result, if it was not ready. */
  private joining: Partial<Join> | undefined

  constructor(group: MappingGroup, plan: Plan) {
    super()
    this.group = group
    this.plan = plan
    this.slots = plan.maxsize ? new Semaphore(plan.maxsize) : undefined
    this.feeder = spawn(() => this.feed())
    this.feeder.addLink(this)
    group.feeders.add(this.feeder)
  }

  /** Waits for the next result. Throws the error of a call that failed; the next call then continues with the other results. */
  next(): Operation<IteratorResult<R, undefined>> {
    return new Call<[], IteratorResult<R, undefined>>(() => this.take(), [])
  }

  /** Ends the iteration: no further calls are started, and those that are running go on. */
  protected override onClose(): void {
    this.ended = true
    this.group.killOnce(this.feeder)
    this.results.putNowait(null)
    this.joining?.giveUp?.()
  }

  /** @internal Called when the feeder has ended or, if results are unordered, a member. */
  notify(source: unknown): void {
    const ended = source as Greenlet<unknown>
    if (ended === this.feeder) {
      this.group.feeders.delete(ended)
      const end = this.feeder.value
      this.failure = end && !('error' in end) ? { error: end } : end
    } else {
      this.results.putNowait(ended)
    }
    this.pending -= 1
    if (this.pending === 0) this.results.putNowait(null)
  }

  private *feed(): Generator<Suspension, { error: unknown } | undefined, unknown> {
    const { fn, readers, ordered, site } = this.plan
    try {
      try {
        for (;;) {
          const args: unknown[] = []
          for (const reader of readers) {
            const result = reader.tryRead() ?? (yield* reader.read())
            if (result.done) return undefined
            args.push(result.value)
          }
          if (this.slots) yield* this.slots.acquire()
          yield* this.group.waitAvailable()
          // A pending kill of the feeder is delivered first, before another call is started.
          if (this.group.isDying(this.feeder)) yield* sleep(0)
          const greenlet = this.group.begin(fn, args, site)
          greenlet._observe()
          if (ordered) {
            this.results.putNowait(greenlet)
          } else {
            this.pending += 1
            greenlet.addLink(this)
          }
        }
      } finally {
        for (const reader of readers) yield* reader.close()
      }
    } catch (error) {
      // Whatever ended the reading, even a kill, is thrown to the reader of the results.
      return { error }
    }
  }

  /** @internal Like `next`, but as a plain coroutine, which costs less to run. */
  *take(): Generator<Suspension, IteratorResult<R, undefined>, unknown> {
    yield* this.readLock.acquire()
    try {
      // Left in the queue until it has finished, so that a kill of the reader loses no result.
      const { results } = this
      const greenlet = this.ended ? null : results.empty() ? yield* results.peek() : results.peekNowait()
      if (greenlet?.ready() === false) yield* (this.joining = greenlet.join() as Operation<undefined> & Partial<Join>)
      if (!greenlet || this.ended) {
        const { failure } = this
        this.failure = undefined
        if (failure && !this.ended) throw failure.error
        return { done: true, value: undefined }
      }
      results.getNowait()
      this.slots?.release()
      if (!greenlet.successful()) throw (this.raised = greenlet.exception)
      return { done: false, value: greenlet.value as R }
    } finally {
      this.readLock.release()
    }
  }
}
