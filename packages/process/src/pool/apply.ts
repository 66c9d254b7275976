import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { type Payload, pack } from '../codec/payload.ts'
import type { CheckedTarget } from '../process/target.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Outcome } from './outcome.ts'
import type { Task } from './pool-worker.ts'
import { expiredResult } from './result.ts'

/** The pool that a function is called in. */
interface ApplyingPool {
  /** Throws if the pool accepts no more work; otherwise returns its dispatcher. */
  begin(): Dispatcher
  readonly retriesOfTasks: number
}

/** `Pool.apply`: the call, its task and its wait in one object, as there may be many of them. */
export class Apply<T> extends Blocking<T> implements Task {
  readonly target: CheckedTarget
  readonly mode = 'apply'
  retries = 0
  private readonly pool: ApplyingPool
  private readonly args: readonly unknown[]
  private readonly timeout: TimeLimit
  private dispatcher: Dispatcher | undefined = undefined
  private packed: Payload | undefined = undefined
  private result: Outcome | undefined = undefined

  constructor(pool: ApplyingPool, target: CheckedTarget, args: readonly unknown[], timeout: TimeLimit) {
    super()
    this.pool = pool
    this.target = target
    this.args = args
    this.timeout = timeout
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const { pool } = this
    const dispatcher = pool.begin()
    this.packed = pack(this.args)
    this.retries = pool.retriesOfTasks
    this.dispatcher = dispatcher
    dispatcher.add(this)
    // A result this early can only be an error: no worker has had time to run.
    if (this.result !== undefined) throw this.result[1]
    if (this.timeout === 0) {
      dispatcher.drop(this)
      this.outcome = this.expire()
      return true
    }
    this.limit(this.timeout)
    return false
  }

  payload(): Payload {
    return this.packed!
  }

  releasePayload(): void {
    this.packed?.recall?.()
    this.packed = undefined
  }

  onEnd([outcome]: readonly Outcome[]): void {
    if (!this.isWaiting) this.result = outcome
    else if (outcome![0]) this.fail(outcome![1])
    else this.wake(outcome![1] as T)
  }

  cancel(): void {
    this.dispatcher!.drop(this)
  }

  override expire(): T {
    return expiredResult(typeof this.timeout === 'object' ? this.timeout.raised : undefined)
  }

  describe(): string {
    return 'Pool.apply'
  }
}
