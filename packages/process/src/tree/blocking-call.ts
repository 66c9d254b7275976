import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { decode, type Payload } from '../codec/payload.ts'
import { nextAnswerNumber } from '../wait/answer-number.ts'
import type { ObjectRef } from './object-ref.ts'
import type { Asker } from './owned-object.ts'
import { tree } from './tree.ts'

/** The parts of a call besides its arguments. */
export interface CallOptions<T> {
  /** Throws if the object is in no state for the call. Called when the call begins. */
  readonly check?: () => void
  /** Encodes the part of the arguments that is sent as bytes. Called when the call begins; may throw. */
  readonly payload?: () => Payload
  /** How long to wait for the reply. */
  readonly timeout?: TimeLimit
  /**
   * Whether the owner ends a wait with a time limit in milliseconds, whose expiry must throw. Otherwise the call may take effect there
   * as it times out here. Default false.
   */
  readonly expiresThere?: boolean
  /** Returns the result, or throws, on expiry; receives the `Timeout` that was given as the limit, if any. */
  readonly onExpiry?: (raised: unknown) => T
  /** Whether it takes the next item of the object: see `Asker`. Default false. */
  readonly takesNext?: boolean
  /** Makes the result from the reply. Default: the decoded payload, or else the value itself. */
  readonly finish?: (value: unknown, payload: Payload | undefined) => T
}

/**
 * A blocking call of a shared object, in whichever process it is. A reply that cannot be delivered because the caller was killed is
 * handed back to the owner.
 */
export class BlockingCall<T> extends Blocking<T> implements Asker {
  private readonly ref: ObjectRef
  private readonly kind: string
  private readonly method: string
  private readonly args: readonly unknown[]
  private readonly options: CallOptions<T>
  private exchange = 0
  private starting = false
  private holds = false
  /** The number of the reply that has arrived but has not been delivered; 0 if none. */
  private answerNumber = 0
  /** Releases the shared objects among the arguments. */
  private recall: (() => void) | undefined = undefined
  private value: unknown = undefined
  private payload: Payload | undefined = undefined

  /** @param kind the kind of the shared object, for reports */
  constructor(ref: ObjectRef, kind: string, method: string, args: readonly unknown[], options: CallOptions<T>) {
    super()
    this.ref = ref
    this.kind = kind
    this.method = method
    this.args = args
    this.options = options
  }

  get node(): string {
    return tree.id
  }

  get takesNext(): boolean {
    return this.options.takesNext === true
  }

  override get isExternal(): boolean {
    return true
  }

  /** Encodes the arguments that are sent as bytes; may throw. */
  protected makePayload(): Payload | undefined {
    return this.options.payload?.()
  }

  start(): boolean {
    const { ref, options } = this
    const { timeout } = options
    options.check?.()
    const limit = options.expiresThere && ref.owned === null && typeof timeout === 'number' ? timeout : undefined
    const payload = this.makePayload()
    this.recall = payload?.recall
    if (ref.owned === null) {
      try {
        this.exchange = tree.requests.ask(this, ref, this.method, this.args, payload, limit)
      } catch (error) {
        this.recall?.()
        throw error
      }
    } else {
      this.starting = true
      try {
        ref.owned.ask(this, this.method, this.args, payload)
      } catch (error) {
        this.recall?.()
        throw error
      } finally {
        this.starting = false
      }
      if (this.answerNumber > 0) {
        this.outcome = this.makeResult()
        return true
      }
    }
    this.holds = true
    tree.hold()
    if (limit === undefined) this.limit(timeout)
    return false
  }

  answer(value?: unknown, payload?: Payload, order: number = nextAnswerNumber()): boolean {
    if (!this.starting) {
      if (!this.wake(undefined)) return false
      this.letGo()
    }
    this.answerNumber = order
    this.value = value
    this.payload = payload
    return true
  }

  override fail(error: unknown): boolean {
    if (this.starting) throw error
    this.recall?.()
    if (!super.fail(error)) return false
    this.letGo()
    return true
  }

  expired(): void {
    try {
      this.expire()
    } catch (error) {
      this.fail(error)
    }
  }

  // The reply is decoded only when the greenlet runs: until then it can be handed back whole.
  override next(): ReturnType<Blocking<T>['next']> {
    if (this.answerNumber > 0) this.outcome = this.makeResult()
    return super.next()
  }

  private makeResult(): T {
    this.answerNumber = 0
    const { value, payload } = this
    const { finish } = this.options
    try {
      if (finish !== undefined) return finish(value, payload)
    } catch (error) {
      this.recall?.()
      throw error
    }
    return (payload === undefined ? value : decode(payload)) as T
  }

  protected override discard(): void {
    const { ref, method, value, payload, answerNumber } = this
    if (answerNumber === 0) return
    this.answerNumber = 0
    if (ref.owned === null)
      tree.requests.giveBack({ to: ref.node, key: ref.key, method }, value, payload, answerNumber, this.takesNext)
    else ref.owned.undo(tree.id, method, value, payload, answerNumber)
  }

  private letGo(): void {
    if (this.holds) tree.letGo()
    this.holds = false
  }

  cancel(): void {
    this.letGo()
    if (this.ref.owned === null) {
      tree.requests.cancel(this.exchange, this.recall)
    } else {
      this.ref.owned.leave(this)
      this.recall?.()
    }
  }

  override expire(): T {
    const { onExpiry, timeout } = this.options
    return onExpiry === undefined
      ? (undefined as T)
      : onExpiry(typeof timeout === 'object' ? timeout.raised : undefined)
  }

  describe(): string {
    return `${this.kind}.${this.method}`
  }
}
