import { encodeError, moved, type Payload } from '../codec/payload.ts'
import type { ObjectKey } from '../codec/shared.ts'
import { CANCELLED, FAILURE } from '../transport/protocol.ts'
import type { MessageSender } from './message-sender.ts'
import { OwnedObjects } from './owned-objects.ts'
import { RemoteAsker } from './remote-asker.ts'

/** The server side of this process: the objects that it owns, and the requests of other processes. */
export class Services {
  private readonly sender: MessageSender
  /** The objects that others can call. */
  readonly owned: OwnedObjects = new OwnedObjects()
  /** The unanswered requests of other processes, by process and exchange number. */
  private readonly unanswered = new Map<string, (RemoteAsker | undefined)[]>()

  constructor(sender: MessageSender) {
    this.sender = sender
  }

  /** Handles a request. */
  serve(
    from: string,
    exchange: number,
    key: ObjectKey,
    method: string,
    args: readonly unknown[],
    payload: Payload | undefined,
    limit: number | undefined,
  ): void {
    const owned = this.owned.get(key)
    if (owned === undefined) {
      const error = new ReferenceError('The shared object is gone')
      if (exchange > 0) this.sender.send([from, this.sender.id, FAILURE, exchange], encodeError(error))
      return
    }
    const asker = new RemoteAsker(this.sender, from, exchange, owned)
    try {
      owned.ask(asker, method, args, payload)
    } catch (error) {
      asker.fail(error)
    }
    if (asker.isAnswered || exchange === 0) return
    asker.addTo(this.unansweredOf(from))
    if (limit !== undefined) asker.leaveAfter(limit)
  }

  private unansweredOf(node: string): (RemoteAsker | undefined)[] {
    let requests = this.unanswered.get(node)
    if (requests === undefined) {
      requests = []
      this.unanswered.set(node, requests)
    }
    return requests
  }

  /** Handles a cancellation, and confirms it unless the reply is already on its way. */
  cancel(from: string, exchange: number): void {
    const asker = this.unanswered.get(from)?.[exchange]
    if (asker === undefined) return
    asker.leave()
    this.sender.send([from, this.sender.id, CANCELLED, exchange])
  }

  /** Takes back a reply that was not delivered. */
  undo(
    from: string,
    key: ObjectKey,
    method: string,
    value: unknown,
    payload: Payload | undefined,
    order: number,
    latest: number,
  ): void {
    if (payload !== undefined) moved(payload, this.sender.id)
    this.owned.get(key)?.undo(from, method, value ?? undefined, payload, order, latest)
  }

  /** Handles the end of processes: cancels their requests, and releases what they held. */
  forget(isLost: (node: string) => boolean): void {
    for (const [node, askers] of this.unanswered) {
      if (!isLost(node)) continue
      this.unanswered.delete(node)
      for (const asker of askers) asker?.leave()
    }
    this.owned.forget(isLost)
  }
}
