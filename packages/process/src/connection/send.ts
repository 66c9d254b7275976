import type { Operation, Suspension } from '@greenlit/core'
import { OperationBase, type TimeLimit } from '@greenlit/core/engine'
import { type Payload, pack } from '../codec/payload.ts'
import { TimeoutError } from '../errors/process-error.ts'
import { flag } from '../tree/arguments.ts'
import { Ask, type AskOptions } from '../tree/ask.ts'
import type { Place } from '../tree/place.ts'

const NO_LIMIT: AskOptions<undefined> = {}

/** What is sent of a value, or of bytes as they are, when its turn has come. */
function payloadOf(value: unknown, raw: boolean): Payload {
  return raw ? { bytes: Uint8Array.from(value as Uint8Array) } : pack(value)
}

/** Sends a message and waits until it has found room. */
export class Send extends Ask<undefined> {
  private readonly message: unknown
  private readonly raw: boolean

  constructor(place: Place, message: unknown, raw: boolean, timeout: TimeLimit) {
    const options = timeout === undefined ? NO_LIMIT : { timeout, onExpiry: expiredSend }
    super(place, 'Connection', 'send', flag(raw), options)
    this.message = message
    this.raw = raw
  }

  protected override makePayload(): Payload {
    return payloadOf(this.message, this.raw)
  }
}

/** What it means that there was no room in time. */
export function expiredSend(raised: unknown): never {
  throw raised ?? new TimeoutError('The other end was not read in time')
}

/** The connection that messages go ahead through. */
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
  private readonly message: unknown
  private readonly raw: boolean
  private readonly timeout: TimeLimit
  private waiting: Iterator<Suspension, undefined, unknown> | undefined = undefined
  private used = false

  constructor(connection: AheadSender, message: unknown, raw: boolean, timeout: TimeLimit) {
    super()
    this.connection = connection
    this.message = message
    this.raw = raw
    this.timeout = timeout
  }

  next(): IteratorResult<Suspension, undefined> {
    if (this.waiting !== undefined) return this.waiting.next()
    if (this.used) throw new Error('Expected an operation to be used once: call the function again for a new one')
    this.used = true
    this.connection.checkPeer()
    const payload = payloadOf(this.message, this.raw)
    if (this.connection.sendNow(payload, this.raw)) return SENT
    this.waiting = this.connection.sendAndWait(payload, this.raw, this.timeout)[Symbol.iterator]()
    return this.waiting.next()
  }

  throw(error: unknown): IteratorResult<Suspension, undefined> {
    if (this.waiting?.throw === undefined) throw error
    return this.waiting.throw(error)
  }
}
