import { decode, type Payload } from '../codec/payload.ts'
import type { ObjectKey } from '../codec/shared.ts'
import { ownerGone } from '../errors/process-error.ts'
import { nextAnswer } from '../wait/answers.ts'
import type { Asker } from './owned.ts'
import type { Post } from './post.ts'
import { CANCEL, REQUEST, SPREAD, UNDO } from './protocol.ts'

/** Where a shared object is that another process owns. */
export interface Elsewhere {
  readonly node: string
  readonly object: ObjectKey
}

/** A request to another process that is not yet answered. */
interface Pending {
  /** `null`: the asker has given up, and an answer that is on its way goes back. */
  asker: Asker | null
  /** Is called if nothing came of a request that was given up. */
  onRefused?: (() => void) | undefined
  readonly to: string
  readonly object: ObjectKey
  readonly method: string
}

/** What this process asks others. A request is answered once, or fails once the process that it went to is gone. */
export class Requests {
  private readonly post: Post
  /** By the number of the exchange. */
  private readonly pending: (Pending | undefined)[] = [undefined]
  /** Numbers whose exchange is over: used again, as headers that are alike cost least. */
  private readonly free: number[] = []

  constructor(post: Post) {
    this.post = post
  }

  /** Asks something that another process owns; answers the number of the exchange. */
  ask(
    asker: Asker,
    { node: to, object }: Elsewhere,
    method: string,
    args: readonly unknown[],
    payload: Payload | undefined,
  ): number {
    const exchange = this.free.pop() ?? this.pending.length
    this.pending[exchange] = { asker, to, object, method }
    try {
      this.post.send([to, this.post.id, REQUEST, exchange, object, method, args], payload)
    } catch (error) {
      this.end(exchange)
      throw error
    }
    return exchange
  }

  /** Calls something that another process owns, and wants no answer. */
  tell({ node, object }: Elsewhere, method: string, args: readonly unknown[], payload: Payload | undefined): void {
    this.post.send([node, this.post.id, REQUEST, 0, object, method, args], payload)
  }

  /** Says that something that another process owns is sent on. */
  spread({ node, object }: Elsewhere): void {
    this.post.send([node, this.post.id, SPREAD, 0, object])
  }

  /** Gives a request up. Calls back if nothing came of it. */
  cancel(exchange: number, onRefused?: () => void): void {
    const pending = this.pending[exchange]
    if (pending === undefined) return
    pending.asker = null
    if (onRefused !== undefined) pending.onRefused = onRefused
    this.post.send([pending.to, this.post.id, CANCEL, exchange])
  }

  /** An answer that nobody has taken goes back. */
  giveBack(
    { node, object }: Elsewhere,
    method: string,
    value: unknown,
    payload: Payload | undefined,
    order: number,
  ): void {
    this.post.send([node, this.post.id, UNDO, 0, object, method, value, order], payload)
  }

  /** An answer has come. */
  answered(exchange: number, value: unknown, payload: Payload | undefined): void {
    const pending = this.pending[exchange]
    if (pending === undefined) return
    this.end(exchange)
    const { asker, to: node, object, method } = pending
    if (asker === null || !asker.answer(value ?? undefined, payload))
      this.giveBack({ node, object }, method, value, payload, nextAnswer())
  }

  /** An error has come for an answer. */
  failed(from: string, exchange: number, payload: Payload): void {
    let error: unknown
    try {
      error = decode(payload)
    } catch (undecodable) {
      error = undecodable
    }
    const pending = this.pending[exchange]
    if (pending === undefined) return
    // Only what its owner says is sure to be the last of an exchange.
    if (pending.to === from) this.end(exchange)
    else this.pending[exchange] = undefined
    refuse(pending, error)
  }

  /** Fails a request. More may come of it, as several processes may say that another is gone: its number is not used again. */
  fail(exchange: number, error: unknown): void {
    const pending = this.pending[exchange]
    this.pending[exchange] = undefined
    if (pending !== undefined) refuse(pending, error)
  }

  /** Nothing will come any more of a request that was given up. */
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

  /** Processes are gone: what they were asked fails. */
  lose(isLost: (node: string) => boolean): void {
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
