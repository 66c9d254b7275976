import { runCallback } from '@greenlit/core/engine'
import { decode, type Payload } from '../codec/payload.ts'
import type { ObjectKey } from '../codec/shared.ts'
import { ownerGone } from '../errors/process-error.ts'
import { CANCEL, REQUEST, SPREAD, UNDO } from '../transport/protocol.ts'
import type { Header } from '../transport/transport.ts'
import { lastAnswerNumber, nextAnswerNumber } from '../wait/answer-number.ts'
import { ItemCalls, type RemoteMethod } from './item-calls.ts'
import type { MessageSender } from './message-sender.ts'
import type { Asker } from './owned-object.ts'

/** A reference to a shared object that another process owns. */
export interface RemoteRef {
  readonly node: string
  readonly key: ObjectKey
}

/** A request to another process that has not been answered yet. */
interface Pending extends RemoteMethod {
  /** `null` if the asker has given up; a reply that is still on its way is then handed back. */
  asker: Asker | null
  /** Called if a request that was given up had no effect. */
  onRefused?: (() => void) | undefined
  readonly takesNext: boolean
  /** Its number among all requests. */
  readonly serial: number
}

/** The requests of this process to others. Each is answered once, or fails once the process that it was sent to is gone. */
export class Requests {
  private readonly sender: MessageSender
  /** By exchange number. */
  private readonly pending: (Pending | undefined)[] = [undefined]
  /** The exchange numbers that can be reused. They are, because repeated headers are cheap to encode. */
  private readonly free: number[] = []
  private asked = 0
  /** The number of requests that were given up and have not ended yet. */
  private givenUp = 0
  /** By method, from the arrival of the first late item until no call of the method is unanswered. */
  private readonly itemCalls = new Map<string, ItemCalls>()
  private onSettled: (() => void) | undefined = undefined

  constructor(sender: MessageSender) {
    this.sender = sender
  }

  /**
   * Sends a request to the owner of an object; returns the exchange number.
   *
   * @param limit how long the owner may take to answer it before it drops it, in milliseconds. Default: no limit
   */
  ask(
    asker: Asker,
    { node: to, key }: RemoteRef,
    method: string,
    args: readonly unknown[],
    payload: Payload | undefined,
    limit?: number,
  ): number {
    const exchange = this.free.pop() ?? this.pending.length
    this.asked += 1
    const pending = { asker, to, key, method, takesNext: asker.takesNext === true, serial: this.asked }
    this.pending[exchange] = pending
    try {
      const header: Header = [to, this.sender.id, REQUEST, exchange, key, method, args]
      this.sender.send(limit === undefined ? header : [...header, limit], payload)
    } catch (error) {
      this.end(exchange)
      throw error
    }
    const calls = this.itemCallsOf(pending)
    calls?.add(exchange, asker)
    if (calls?.hasLate) runCallback(() => calls.hasLate && this.deal(calls))
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
    if (pending.asker !== null) this.givenUp += 1
    pending.asker = null
    this.itemCallsOf(pending)?.giveUp(exchange)
    if (onRefused !== undefined) pending.onRefused = onRefused
    this.sender.send([pending.to, this.sender.id, CANCEL, exchange])
  }

  /** Hands a reply that was not delivered to the next such call if it takes what comes next, or else back to the owner. */
  giveBack(
    method: RemoteMethod,
    value: unknown,
    payload: Payload | undefined,
    order: number,
    takesNext: boolean,
  ): void {
    if (!takesNext || payload === undefined) {
      this.sendBack(method, value, payload, order)
      return
    }
    const calls = this.itemCalls.get(nameOf(method)) ?? this.collectCalls(method)
    calls.addLate({ value, payload, order })
    this.deal(calls)
  }

  private sendBack(
    { to, key, method }: RemoteMethod,
    value: unknown,
    payload: Payload | undefined,
    order: number,
  ): void {
    this.sender.send([to, this.sender.id, UNDO, 0, key, method, value, order, lastAnswerNumber()], payload)
  }

  /**
   * Gives late items to the calls that wait. What is left goes back to the owner, but only once it has no call of this process any
   * more: it might have answered one with a later item, which would overtake these.
   */
  private deal(calls: ItemCalls): void {
    // The reply to a call that takes a late item may be on its way, and becomes a late item itself.
    for (const exchange of calls.deal()) this.cancel(exchange)
    if (!calls.isSettled) return
    this.itemCalls.delete(nameOf(calls.target))
    for (const { value, payload, order } of calls.takeLate()) this.sendBack(calls.target, value, payload, order)
  }

  private itemCallsOf(request: Pending): ItemCalls | undefined {
    return this.itemCalls.size > 0 && request.takesNext ? this.itemCalls.get(nameOf(request)) : undefined
  }

  /** Collects the unanswered calls of a method, including those that were given up. */
  private collectCalls({ to, key, method }: RemoteMethod): ItemCalls {
    const collected = new ItemCalls({ to, key, method })
    const calls: [exchange: number, call: Pending][] = []
    for (const [exchange, call] of this.pending.entries())
      if (call?.takesNext && call.to === to && call.key === key && call.method === method) calls.push([exchange, call])
    calls.sort(([, one], [, other]) => one.serial - other.serial)
    for (const [exchange, { asker }] of calls) collected.add(exchange, asker)
    this.itemCalls.set(nameOf(collected.target), collected)
    return collected
  }

  /** Handles a reply. */
  answered(exchange: number, value: unknown, payload: Payload | undefined): void {
    const pending = this.pending[exchange]
    if (pending === undefined) return
    this.end(exchange)
    const { asker, takesNext } = pending
    const given = value ?? undefined
    if (asker === null || !asker.answer(given, payload))
      this.giveBack(pending, given, payload, nextAnswerNumber(), takesNext)
    this.ended(pending)
  }

  /** Late items may have waited for the end of a request. */
  private ended(request: Pending): void {
    const calls = this.itemCallsOf(request)
    if (calls !== undefined) this.deal(calls)
    if (this.onSettled !== undefined) this.afterGivenUp(this.onSettled)
  }

  /** Calls back once all requests that were given up have ended, so that no item that they bring is lost. */
  afterGivenUp(done: () => void): void {
    this.onSettled = this.givenUp > 0 ? done : undefined
    if (this.givenUp === 0) done()
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
    else this.drop(exchange)
    refuse(pending, error)
    this.ended(pending)
  }

  /**
   * Fails a request. Its number is not reused: more messages may arrive for it, as several processes may report that another has
   * ended.
   */
  fail(exchange: number, error: unknown): void {
    const pending = this.pending[exchange]
    if (pending === undefined) return
    this.drop(exchange)
    refuse(pending, error)
    this.ended(pending)
  }

  /** Handles the message that a request was dropped before it was answered: it was given up, or its time limit has expired. */
  cancelled(exchange: number): void {
    const pending = this.pending[exchange]
    if (pending === undefined) return
    this.end(exchange)
    if (pending.asker === null) pending.onRefused?.()
    else pending.asker.expired?.()
    this.ended(pending)
  }

  private end(exchange: number): void {
    this.drop(exchange)
    this.free.push(exchange)
  }

  private drop(exchange: number): void {
    const pending = this.pending[exchange]!
    this.pending[exchange] = undefined
    if (pending.asker === null) this.givenUp -= 1
    this.itemCallsOf(pending)?.delete(exchange)
  }

  /** Handles the end of processes: requests to them fail. */
  forget(isLost: (node: string) => boolean): void {
    for (const [exchange, pending] of this.pending.entries()) {
      if (pending === undefined || !isLost(pending.to)) continue
      this.fail(exchange, ownerGone(pending.to))
    }
  }
}

function nameOf({ to, key, method }: RemoteMethod): string {
  return `${to} ${key} ${method}`
}

function refuse(pending: Pending, error: unknown): void {
  if (pending.asker === null) pending.onRefused?.()
  else pending.asker.fail(error)
}
