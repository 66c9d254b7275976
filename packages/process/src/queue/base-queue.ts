import { Empty, Full, type Operation, type Suspension } from '@greenlit/core'
import { Call, checkOptions, checkTimeoutFromZero, Done, show, type TimeLimit } from '@greenlit/core/engine'
import { decode, type Payload, pack, sizeOf } from '../codec/payload.ts'
import { ownerGone } from '../errors/process-error.ts'
import { WaitableObject } from '../shared/waitable-object.ts'
import { flag, NONE } from '../tree/arguments.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import type { Asker } from '../tree/owned-object.ts'
import { tree } from '../tree/tree.ts'
import { EMPTY, FULL, QueueState } from './queue-state.ts'

/** The options of `put` and `get` of a queue between processes. */
export interface SharedQueueOptions {
  /** Whether to wait. Default true. */
  block?: boolean
  /** How long to wait, in milliseconds >= 0. Default: no limit; ignored if `block` is false. */
  timeout?: TimeLimit
}

/** How many bytes and items may be in flight to an unbounded queue in another process before `put` waits. */
const MAX_BYTES_IN_FLIGHT = 1 << 20
const MAX_ITEMS_IN_FLIGHT = 256

/** The base class of the queues between processes. Items are copied when they are put, and arrive in order. */
export abstract class BaseQueue<T> extends WaitableObject {
  /** The maximum number of items; `undefined` if unbounded. */
  readonly maxsize: number | undefined
  private isClosed = false
  private readonly check = () => this.checkOpen()
  private inFlight = 0
  private bytesInFlight = 0
  /** The error of an item that was sent ahead and not delivered: the queue's owner is gone, so this is final. */
  private failure: unknown = undefined

  /** @internal */
  constructor(maxsize: number | undefined, ref: ObjectRef | undefined) {
    super(ref ?? ObjectRef.local(new QueueState(maxsize ?? Infinity)))
    this.maxsize = maxsize
  }

  protected override viewData(): readonly unknown[] {
    return [this.maxsize]
  }

  /** Puts an item into the queue. */
  protected putItem(item: T, options: SharedQueueOptions): Operation<undefined> {
    const given = checkOptions(options)
    const timeout = checkTimeoutFromZero(given.timeout)
    if (this.maxsize === undefined && this.ref.owned === null)
      return new Call<[BaseQueue<T>, T], undefined>(BaseQueue.putAhead, [this, item]) as Operation<undefined>
    const block = given.block !== false && timeout !== 0
    const onExpiry = (raised: unknown) => {
      throw raised ?? new Full()
    }
    return this.ask<undefined>('put', flag(block), {
      check: this.check,
      payload: () => pack(item),
      ...(block ? { timeout, onExpiry, expiresThere: true } : {}),
      finish: (value) => {
        if (value === FULL) throw new Full()
        return undefined
      },
    })
  }

  /** Puts an item into a remote unbounded queue: sends it without waiting for the owner's reply, unless too much is in flight. */
  private static *putAhead<T>(queue: BaseQueue<T>, item: T): Generator<Suspension, undefined, unknown> {
    queue.checkOpen()
    if (queue.failure !== undefined) throw queue.failure
    // Nothing waits for the reply to an item that is sent ahead, so an unreachable owner must be reported now.
    if (!tree.reaches(queue.ref.node)) throw ownerGone(queue.ref.node)
    const payload = pack(item)
    while (queue.inFlight >= MAX_ITEMS_IN_FLIGHT || queue.bytesInFlight >= MAX_BYTES_IN_FLIGHT) {
      yield* queue.ask('size', NONE)
      if (queue.failure !== undefined) throw queue.failure
    }
    // Transferred and shared objects may be refused in transit, and the caller must learn of that.
    if (payload.extras !== undefined)
      return yield* queue.ask<undefined>('put', flag(true), { payload: () => payload, finish })
    queue.send(payload)
    return undefined
  }

  private send(payload: Payload): void {
    const length = sizeOf(payload)
    const end = () => {
      this.inFlight -= 1
      this.bytesInFlight -= length
      return true
    }
    const asker: Asker = {
      node: tree.id,
      answer: end,
      fail: (error) => {
        this.failure = error
        payload.recall?.()
        return end()
      },
    }
    this.inFlight += 1
    this.bytesInFlight += length
    try {
      tree.requests.ask(asker, this.ref, 'put', flag(true), payload)
    } catch (error) {
      end()
      payload.recall?.()
      throw error
    }
  }

  /** Takes an item from the queue. */
  protected getItem(options: SharedQueueOptions): Operation<T> {
    const given = checkOptions(options)
    const timeout = checkTimeoutFromZero(given.timeout)
    const block = given.block !== false && timeout !== 0
    const onExpiry = (raised: unknown) => {
      throw raised ?? new Empty()
    }
    return this.ask<T>('get', flag(block), {
      check: this.check,
      ...(block ? { timeout, onExpiry } : {}),
      takesNext: true,
      finish: (value, payload) => {
        if (value === EMPTY) throw new Empty()
        return decode(payload!) as T
      },
    })
  }

  private checkOpen(): void {
    if (this.isClosed) throw new RangeError('Expected the queue to be open: it is closed')
  }

  /** Whether the queue is currently empty. */
  empty(): Operation<boolean> {
    return this.ask<boolean>('size', NONE, { finish: (size) => size === 0 })
  }

  /** Closes the queue for this process: `put` and `get` then throw {RangeError}. Its items stay available to other processes. */
  close(): Operation<undefined> {
    this.isClosed = true
    return new Done()
  }

  /** @internal Waits until all items put by this process have arrived. */
  protected untilDelivered(): Operation<undefined> {
    return new Call<[BaseQueue<T>], undefined>(
      function* (queue: BaseQueue<T>): Generator<Suspension, undefined, unknown> {
        // Replies come in order, so this one follows those of all earlier puts.
        if (queue.inFlight > 0) yield* queue.ask('size', NONE)
        if (queue.failure !== undefined) throw queue.failure
        return undefined
      },
      [this],
    ) as Operation<undefined>
  }
}

function finish(): undefined {
  return undefined
}

/** Checks `maxsize`; returns `undefined` for an unbounded queue. */
export function checkMaxsize(maxsize: unknown): number | undefined {
  if (maxsize === undefined || maxsize === null || maxsize === Infinity) return undefined
  if (typeof maxsize !== 'number' || !Number.isInteger(maxsize))
    throw new TypeError(`Expected \`maxsize\` to be a whole number, got ${show(maxsize)}`)
  return maxsize > 0 ? maxsize : undefined
}
