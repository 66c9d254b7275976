import { decode, type Payload } from '../codec/payload.ts'
import type { ObjectKey } from '../codec/shared.ts'
import { ownerGone } from '../errors/process-error.ts'
import { nextAnswerNumber } from '../wait/answer-number.ts'
import type { MessageSender } from './message-sender.ts'
import type { Asker } from './owned-object.ts'
import { CANCEL, REQUEST, SPREAD, UNDO } from './protocol.ts'

/** A reference to a shared object that another process owns. */
export interface RemoteRef {
  readonly node: string
  readonly key: ObjectKey
}

/** A request to another process that has not been answered yet. */
interface Pending {
  /** `null` if the asker has given up; a reply that is still on its way is then handed back. */
  asker: Asker | null
  /** Called if a request that was given up had no effect. */
  onRefused?: (() => void) | undefined
  readonly to: string
  readonly key: ObjectKey
  readonly method: string
}

/** The requests of this process to others. Each is answered once, or fails once the process that it was sent to is gone. */
export class Requests {
  private readonly sender: MessageSender
  /** By exchange number. */
  private readonly pending: (Pending | undefined)[] = [undefined]
  /** The exchange numbers that can be reused. They are, because repeated headers are cheap to encode. */
  private readonly free: number[] = []

  constructor(sender: MessageSender) {
    this.sender = sender
  }

  /** Sends a request to the owner of an object; returns the exchange number. */
  ask(
    asker: Asker,
    { node: to, key }: RemoteRef,
    method: string,
    args: readonly unknown[],
    payload: Payload | undefined,
  ): number {
    const exchange = this.free.pop() ?? this.pending.length
    this.pending[exchange] = { asker, to, key, method }
    try {
      this.sender.send([to, this.sender.id, REQUEST, exchange, key, method, args], payload)
    } catch (error) {
      this.end(exchange)
      throw error
    }
    return exchange
  }

  /** Calls a method of an object in another process, without a reply. */
  tell({ node, key }: RemoteRef, method: string, args: readonly unknown[], payload: Payload | undefined): void {
    this.sender.send([node, this.sender.id, REQUEST, 0, key, method, args], payload)
  }

  /** Tells the owner of an object that this process has passed it on. */
  spread({ node, key }: RemoteRef): void {
    this.sender.send([node, this.sender.id, SPREAD, 0, key])
  }

  /** Cancels a request. `onRefused` is called if the request had no effect. */
  cancel(exchange: number, onRefused?: () => void): void {
    const pending = this.pending[exchange]
    if (pending === undefined) return
    pending.asker = null
    if (onRefused !== undefined) pending.onRefused = onRefused
    this.sender.send([pending.to, this.sender.id, CANCEL, exchange])
  }

  /** Hands a reply that was not delivered back to the owner. */
  giveBack(
    { node, key }: RemoteRef,
    method: string,
    value: unknown,
    payload: Payload | undefined,
    order: number,
  ): void {
    this.sender.send([node, this.sender.id, UNDO, 0, key, method, value, order], payload)
  }

  /** Handles a reply. */
  answered(exchange: number, value: unknown, payload: Payload | undefined): void {
    const pending = this.pending[exchange]
    if (pending === undefined) return
    this.end(exchange)
    const { asker, to: node, key, method } = pending
    if (asker === null || !asker.answer(value ?? undefined, payload))
      this.giveBack({ node, key }, method, value, payload, nextAnswerNumber())
  }

  /** Handles an error reply. */
  failed(from: string, exchange: number, payload: Payload): void {
    let error: unknown
    try {
      error = decode(payload)
    } catch (undecodable) {
      error = undecodable
    }
    const pending = this.pending[exchange]
    if (pending === undefined) return
    // Only a message from the owner itself is certain to be the last of an exchange.
    if (pending.to === from) this.end(exchange)
    else this.pending[exchange] = undefined
    refuse(pending, error)
  }

  /**
   * Fails a request. Its number is not reused: more messages may arrive for it, as several processes may report that another has
   * ended.
   */
  fail(exchange: number, error: unknown): void {
    const pending = this.pending[exchange]
    this.pending[exchange] = undefined
    if (pending !== undefined) refuse(pending, error)
  }

  /** Handles the confirmation that a request was cancelled before it was answered. */
  cancelled(exchange: number): void {
    const pending = this.pending[exchange]
    if (pending === undefined) return
    this.end(exchange)
    pending.onRefused?.()
  }

  private end(exchange: number): void {
    this.pending[exchange] = undefined
    this.free.push(exchange)
  }

  /** Handles the end of processes: requests to them fail. */
  forget(isLost: (node: string) => boolean): void {
    for (const [exchange, pending] of this.pending.entries()) {
      if (pending === undefined || !isLost(pending.to)) continue
      this.fail(exchange, ownerGone(pending.to))
    }
  }
}

function refuse(pending: Pending, error: unknown): void {
  if (pending.asker === null) pending.onRefused?.()
  else pending.asker.fail(error)
}
