import { encodeError, type Payload } from '../codec/payload.ts'
import type { Header } from '../transport/transport.ts'
import type { Asker, Owned } from './owned.ts'
import { FAILURE, REPLY } from './protocol.ts'

/** Where answers go. */
interface Answers {
  readonly id: string
  /** Notes that a request is answered; `false` if it was cancelled. */
  finish(asker: RemoteAsker): boolean
  send(header: Header, payload?: Payload): void
}

/** A request of another process that is not yet answered; with 0 for an exchange it wants no answer. */
export class RemoteAsker implements Asker {
  readonly node: string
  readonly owned: Owned
  readonly exchange: number
  private readonly answers: Answers
  private isAnswered = false

  constructor(answers: Answers, node: string, exchange: number, owned: Owned) {
    this.answers = answers
    this.node = node
    this.exchange = exchange
    this.owned = owned
  }

  /** Answers whether it is still to be answered, and takes it from those that are. */
  private finish(): boolean {
    if (this.exchange > 0) return this.answers.finish(this)
    const first = !this.isAnswered
    this.isAnswered = true
    return first
  }

  answer(value?: unknown, payload?: Payload): boolean {
    if (!this.finish()) return false
    if (this.exchange === 0) return true
    try {
      this.answers.send([this.node, this.answers.id, REPLY, this.exchange, value], payload)
    } catch (error) {
      this.answers.send([this.node, this.answers.id, FAILURE, this.exchange], encodeError(error))
    }
    return true
  }

  fail(error: unknown): boolean {
    if (!this.finish()) return false
    if (this.exchange === 0) return true
    this.answers.send([this.node, this.answers.id, FAILURE, this.exchange], encodeError(error))
    return true
  }
}
