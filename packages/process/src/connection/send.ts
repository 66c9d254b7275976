import type { Operation, Suspension } from '@greenlit/core'
import { OperationBase, type TimeLimit } from '@greenlit/core/engine'
import { type Payload, pack, packRaw } from '../codec/payload.ts'
import { TimeoutError } from '../errors/process-error.ts'
import { flag } from '../tree/arguments.ts'
import { BlockingCall, type CallOptions } from '../tree/blocking-call.ts'
import type { ObjectRef } from '../tree/object-ref.ts'

const NO_LIMIT: CallOptions<undefined> = {}

/** Encodes a message when its turn to be sent has come: a value, or bytes as they are. */
function payloadOf(value: unknown, raw: boolean, { ref }: Sender): Payload {
  return raw ? packRaw(value as Uint8Array) : pack(value, undefined, ref.node)
}

/** The connection that messages are sent through. */
interface Sender {
  readonly ref: ObjectRef
  /** Throws if it may not be written to. */
  checkWritable(): void
}

/** Sends a message and waits until it has been accepted. */
export class BlockingSend extends BlockingCall<undefined> {
  private readonly sender: Sender
  private readonly message: unknown
  private readonly raw: boolean

  constructor(sender: Sender, message: unknown, raw: boolean, timeout: TimeLimit) {
    const options = timeout === undefined ? NO_LIMIT : { timeout, onExpiry: expiredSend }
    super(sender.ref, 'Connection', 'send', flag(raw), options)
    this.sender = sender
    this.message = message
    this.raw = raw
  }

  protected override makePayload(): Payload {
    this.sender.checkWritable()
    return payloadOf(this.message, this.raw, this.sender)
  }
}

/** Throws the `Timeout` that was given as the limit of a send, if any, or else a `TimeoutError`. */
export function expiredSend(raised: unknown): never {
  throw raised ?? new TimeoutError('The other end was not read in time')
}

/** The connection that messages are pipelined through. */
interface PipelinedSender extends Sender {
  /** Throws if nobody can read the messages any more. */
  checkPeer(): void
  /** Sends a message without waiting for a reply. Returns false if the caller has to use `sendAndWait` instead. */
  sendPipelined(payload: Payload, raw: boolean): boolean
  /** Sends a message and waits until it and all earlier ones have been accepted. */
  sendAndWait(payload: Payload, raw: boolean, timeout: TimeLimit): Operation<undefined>
}

const SENT: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** A send to a remote owner. Sends are pipelined, without a reply to each, until too many bytes are unacknowledged. */
export class PipelinedSend extends OperationBase<undefined> {
  private readonly connection: PipelinedSender
  private readonly message: unknown
  private readonly raw: boolean
  private readonly timeout: TimeLimit
  private waiting: Iterator<Suspension, undefined, unknown> | undefined = undefined
  private used = false

  constructor(connection: PipelinedSender, message: unknown, raw: boolean, timeout: TimeLimit) {
    super()
    this.connection = connection
    this.message = message
    this.raw = raw
    this.timeout = timeout
  }

  next(): IteratorResult<Suspension, undefined> {
    if (this.waiting !== undefined) return this.waiting.next()
    if (this.used) throw new Error('Expected an operation to be used once: call the function again')
    this.used = true
    this.connection.checkWritable()
    this.connection.checkPeer()
    const payload = payloadOf(this.message, this.raw, this.connection)
    if (this.connection.sendPipelined(payload, this.raw)) return SENT
    this.waiting = this.connection.sendAndWait(payload, this.raw, this.timeout)[Symbol.iterator]()
    return this.waiting.next()
  }

  throw(error: unknown): IteratorResult<Suspension, undefined> {
    if (this.waiting?.throw === undefined) throw error
    return this.waiting.throw(error)
  }
}
