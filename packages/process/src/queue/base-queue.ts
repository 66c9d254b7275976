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
  block?: boolean | undefined
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
    const block = given.block !== false && timeout !== 0
    if (this.ref.owned !== null) return this.askToPut(() => this.pack(item), block, timeout)
    return new Call<[BaseQueue<T>, T, boolean, TimeLimit], undefined>(BaseQueue.putAhead, [this, item, block, timeout])
  }

  private pack(item: T): Payload {
    return pack(item, undefined, this.ref.node)
  }

  /** Puts an item, or, without one, asks for room for one. */
  private askToPut(payload: (() => Payload) | undefined, block: boolean, timeout: TimeLimit): Operation<undefined> {
    const onExpiry = (raised: unknown) => {
      throw raised ?? new Full()
    }
    return this.ask<undefined>('put', flag(block), {
      check: this.check,
      ...(payload === undefined ? {} : { payload }),
      ...(block ? { timeout, onExpiry, expiresThere: true } : {}),
      finish: (value) => {
        if (value === FULL) throw new Full()
        return undefined
      },
    })
  }

  /**
   * Puts an item into a queue of another process: sends it without waiting for the owner's reply, once there is room for it. A bounded
   * queue is asked for the room first; a call that is killed, or times out, while it waits has not put its item then. An unbounded one
   * has room unless too much is in flight.
   */
  private static *putAhead<T>(
    queue: BaseQueue<T>,
    item: T,
    block: boolean,
    timeout: TimeLimit,
  ): Generator<Suspension, undefined, unknown> {
    queue.checkOpen()
    if (queue.failure !== undefined) throw queue.failure
    // Nothing waits for the reply to an item that is sent ahead, so an unreachable owner must be reported now.
    if (!tree.reaches(queue.ref.node)) throw ownerGone(queue.ref.node)
    const payload = queue.pack(item)
    const isBounded = queue.maxsize !== undefined
    // Transferred and shared objects may be refused in transit, and the caller must learn of that; pipe ends may have to come back.
    if (payload.extras !== undefined || (isBounded && payload.recall !== undefined))
      return yield* queue.askToPut(() => payload, block, timeout)
    if (isBounded) {
      yield* queue.askToPut(undefined, block, timeout)
      queue.send('fill', payload)
      return undefined
    }
    while (queue.inFlight >= MAX_ITEMS_IN_FLIGHT || queue.bytesInFlight >= MAX_BYTES_IN_FLIGHT) {
      yield* queue.ask('size', NONE)
      if (queue.failure !== undefined) throw queue.failure
    }
    queue.send('put', payload)
    return undefined
  }

  private send(method: 'put' | 'fill', payload: Payload): void {
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
      tree.requests.ask(asker, this.ref, method, flag(true), payload)
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

/** Checks `maxsize`; returns `undefined` for an unbounded queue. */
export function checkMaxsize(maxsize: unknown): number | undefined {
  if (maxsize === undefined || maxsize === null || maxsize === Infinity) return undefined
  if (typeof maxsize !== 'number' || !Number.isInteger(maxsize))
    throw new TypeError(`Expected \`maxsize\` to be a whole number, got ${show(maxsize)}`)
  return maxsize > 0 ? maxsize : undefined
}
