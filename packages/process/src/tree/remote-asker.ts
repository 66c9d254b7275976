import { encodeError, moved, type Payload } from '../codec/payload.ts'
import { CANCELLED, FAILURE, REPLY } from '../transport/protocol.ts'
import { LONGEST_DELAY } from '../wait/longest-delay.ts'
import type { MessageSender } from './message-sender.ts'
import type { Asker, OwnedObject } from './owned-object.ts'

/** A request from another process. Exchange number 0 means that it expects no reply. */
export class RemoteAsker implements Asker {
  readonly node: string
  private readonly owned: OwnedObject
  private readonly exchange: number
  private readonly sender: MessageSender
  /** The unanswered requests of its process, by exchange number, if this is one of them. */
  private unanswered: (RemoteAsker | undefined)[] | undefined = undefined
  /** Whether it has been answered or cancelled. */
  isAnswered = false
  private timer: NodeJS.Timeout | undefined = undefined

  constructor(sender: MessageSender, node: string, exchange: number, owned: OwnedObject) {
    this.sender = sender
    this.node = node
    this.exchange = exchange
    this.owned = owned
  }

  /** Adds it to the unanswered requests of its process. */
  addTo(unanswered: (RemoteAsker | undefined)[]): void {
    this.unanswered = unanswered
    unanswered[this.exchange] = this
  }

  /** Cancels it after a time, in milliseconds, and tells the asker. */
  leaveAfter(limit: number): void {
    const expire = () => {
      this.leave()
      this.sender.send([this.node, this.sender.id, CANCELLED, this.exchange])
    }
    this.timer = setTimeout(expire, Math.min(limit, LONGEST_DELAY)).unref()
  }

  /** Cancels it: the asker has given up, or its process has ended. */
  leave(): void {
    if (this.finish()) this.owned.leave(this)
  }

  /** Marks it as answered; returns whether it was still unanswered. */
  private finish(): boolean {
    if (this.isAnswered) return false
    this.isAnswered = true
    clearTimeout(this.timer)
    if (this.unanswered !== undefined) this.unanswered[this.exchange] = undefined
    return true
  }

  answer(value?: unknown, payload?: Payload): boolean {
    if (!this.finish()) return false
    if (this.exchange === 0) return true
    if (payload !== undefined) moved(payload, this.node)
    try {
      this.sender.send([this.node, this.sender.id, REPLY, this.exchange, value], payload)
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
    this.sender.send([this.node, this.sender.id, FAILURE, this.exchange], encodeError(error))
  }
}
