import type { Operation, Suspension } from '@greenlit/core'
import { OperationBase, type TimeLimit } from '@greenlit/core/engine'
import type { Payload } from '../codec/payload.ts'

/** The connection that messages go through. */
interface AheadSender {
  /** Throws if nobody can read them any more. */
  checkPeer(): void
  /** Sends a message; answers whether there is nothing to wait for. */
  sendNow(payload: Payload, raw: boolean): boolean
  /** Sends a message and waits until it and all before it have found room. */
  sendAndWait(payload: Payload, raw: boolean, timeout: TimeLimit): Operation<undefined>
}

const SENT: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** To an owner elsewhere, messages go ahead without an answer to each, until too much is on its way. */
export class SendAhead extends OperationBase<undefined> {
  private readonly connection: AheadSender
  private readonly make: () => Payload
  private readonly raw: boolean
  private readonly timeout: TimeLimit
  private waiting: Iterator<Suspension, undefined, unknown> | undefined = undefined
  private used = false

  constructor(connection: AheadSender, make: () => Payload, raw: boolean, timeout: TimeLimit) {
    super()
    this.connection = connection
    this.make = make
    this.raw = raw
    this.timeout = timeout
  }

  next(): IteratorResult<Suspension, undefined> {
    if (this.waiting !== undefined) return this.waiting.next()
    if (this.used) throw new Error('Expected an operation to be used once: call the function again for a new one')
    this.used = true
    this.connection.checkPeer()
    const payload = this.make()
    if (this.connection.sendNow(payload, this.raw)) return SENT
    this.waiting = this.connection.sendAndWait(payload, this.raw, this.timeout)[Symbol.iterator]()
    return this.waiting.next()
  }

  throw(error: unknown): IteratorResult<Suspension, undefined> {
    if (this.waiting?.throw === undefined) throw error
    return this.waiting.throw(error)
  }
}
