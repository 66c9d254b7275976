import { encodeError, type Payload } from '../codec/payload.ts'
import type { Asker, Owned } from './owned.ts'
import type { Post } from './post.ts'
import { FAILURE, REPLY } from './protocol.ts'

/** A request of another process; with 0 for an exchange it wants no answer. */
export class RemoteAsker implements Asker {
  readonly node: string
  private readonly owned: Owned
  private readonly exchange: number
  private readonly post: Post
  /** Those that are not answered yet, if it is one of them. */
  private others: (RemoteAsker | undefined)[] | undefined = undefined
  /** Whether it is answered, or wants no answer any more. */
  isAnswered = false

  constructor(post: Post, node: string, exchange: number, owned: Owned) {
    this.post = post
    this.node = node
    this.exchange = exchange
    this.owned = owned
  }

  /** It is not answered at once. */
  waits(others: (RemoteAsker | undefined)[]): void {
    this.others = others
    others[this.exchange] = this
  }

  /** It has given up, or is gone. */
  leave(): void {
    if (this.finish()) this.owned.leave(this)
  }

  /** Answers whether it is still to be answered, and takes it from those that are. */
  private finish(): boolean {
    if (this.isAnswered) return false
    this.isAnswered = true
    if (this.others !== undefined) this.others[this.exchange] = undefined
    return true
  }

  answer(value?: unknown, payload?: Payload): boolean {
    if (!this.finish()) return false
    if (this.exchange === 0) return true
    try {
      this.post.send([this.node, this.post.id, REPLY, this.exchange, value], payload)
    } catch (error) {
      this.sendError(error)
    }
    return true
  }

  fail(error: unknown): boolean {
    if (!this.finish()) return false
    if (this.exchange > 0) this.sendError(error)
    return true
  }

  private sendError(error: unknown): void {
    this.post.send([this.node, this.post.id, FAILURE, this.exchange], encodeError(error))
  }
}
