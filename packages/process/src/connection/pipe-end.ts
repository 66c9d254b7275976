import { type Payload, recall, sizeOf } from '../codec/payload.ts'
import { OSError, osError } from '../errors/os-error.ts'
import { EOFError } from '../errors/process-error.ts'
import { Backlog } from '../shared/backlog.ts'
import { onceSoon } from '../shared/once-soon.ts'
import type { Asker, OwnedObject } from '../tree/owned-object.ts'
import { tree } from '../tree/tree.ts'

/** How many unread bytes one end may hold before senders to it must wait. */
const MAX_UNREAD = 65_536

/** A message that has not been read yet. */
interface Message {
  readonly payload: Payload
  /** Whether it was sent as bytes rather than as a value. */
  readonly raw: boolean
}

/**
 * One end of a pipe: its unread messages, the callers waiting there, and the processes that hold it. The end is closed once no
 * process holds it any more; its peer then reads what is left, and after that gets `EOFError`.
 */
export class PipeEnd implements OwnedObject {
  private peer: PipeEnd = this
  private readonly inbox = new Backlog<Message>()
  private unread = 0
  private readonly serveSoon = onceSoon(() => this.serve(true))
  private readonly receivers = new Set<Asker>()
  /** The callers of `poll`, to notify when there is something to receive. */
  private readonly pollers = new Set<Asker>()
  /** The callers waiting to send here until there is room. */
  private readonly senders = new Map<Asker, Message>()
  /** The callers to notify when this end is closed. */
  private readonly closeWatchers = new Set<Asker>()
  /** The processes that hold this end, each with the number of times it was sent there. */
  private readonly holders: Map<string, number>
  /**
   * The ids of references sent to an unknown destination that have not arrived yet, each with the process that has the message with
   * it, if known. One may arrive twice, if its first receiver died.
   */
  private readonly inTransit = new Map<string, string | null>()

  constructor(node: string) {
    this.holders = new Map([[node, 1]])
  }

  /** Joins two ends into one pipe. */
  connect(peer: PipeEnd): void {
    this.peer = peer
    peer.peer = this
  }

  private get isClosed(): boolean {
    return this.holders.size === 0 && this.inTransit.size === 0
  }

  ask(asker: Asker, method: string, args: readonly unknown[], payload: Payload | undefined): void {
    const argument = args[0]
    if (method === 'send') {
      this.peer.receive(asker, payload!, argument === true)
    } else if (method === 'recv') {
      if (this.inbox.size > 0) this.give(asker)
      else this.receivers.add(asker)
      this.serve()
    } else if (method === 'poll') {
      this.poll(asker, argument === true)
    } else if (method === 'untilPeerClosed') {
      this.peer.watchClose(asker)
    } else {
      this.change(method, asker.node, argument as string | null, args[1] as string, args[2] as string | null)
      asker.answer()
    }
  }

  private change(
    method: string,
    node: string,
    destination: string | null,
    transitId: string,
    carrier: string | null,
  ): void {
    if (method === 'arrived') {
      this.inTransit.delete(transitId)
      this.addHolder(node, 1)
    } else if (method === 'close') {
      this.holders.delete(node)
      this.failReceivers(node)
      this.endIfClosed()
    } else if (method === 'recall') {
      if (destination === null) this.inTransit.delete(transitId)
      else this.addHolder(destination, -1)
      this.endIfClosed()
    } else if (method === 'moved') {
      if (this.inTransit.has(transitId)) this.inTransit.set(transitId, carrier)
    } else if (destination === null) {
      this.inTransit.set(transitId, carrier)
    } else {
      this.addHolder(destination, 1)
    }
  }

  private addHolder(node: string, times: number): void {
    const count = (this.holders.get(node) ?? 0) + times
    if (count > 0) this.holders.set(node, count)
    else this.holders.delete(node)
  }

  private hasRoomFor(message: Message): boolean {
    return this.inbox.size === 0 || this.unread + sizeOf(message.payload) <= MAX_UNREAD
  }

  private receive(asker: Asker, payload: Payload, raw: boolean): void {
    if (this.isClosed) {
      recall(payload)
      asker.fail(osError('EPIPE'))
    } else if (this.inbox.size === 0 && this.receivers.size > 0 && this.isServedAtOnce(asker)) {
      const taken = this.nextReceiver().answer(raw, payload)
      asker.answer()
      if (taken) return
      this.store({ payload, raw })
      this.serve(true)
    } else {
      this.queue(asker, { payload, raw })
    }
  }

  private isServedAtOnce(sender: Asker): boolean {
    return sender.node !== tree.id || first(this.receivers).node !== tree.id
  }

  private queue(asker: Asker, message: Message): void {
    if (this.senders.size > 0 || !this.hasRoomFor(message)) {
      this.senders.set(asker, message)
    } else {
      this.store(message)
      asker.answer()
      this.serve(asker.node !== tree.id)
    }
  }

  private store(message: Message): void {
    this.inbox.push(message)
    this.unread += sizeOf(message.payload)
  }

  /** Removes and returns the receiver that has waited longest. */
  private nextReceiver(): Asker {
    const receiver = first(this.receivers)
    this.receivers.delete(receiver)
    return receiver
  }

  /**
   * Serves those that wait. For what is sent by this process, a receiver in this process is served in the hub's next turn: if it was
   * just killed, it must not hold back a message from those that come after it.
   */
  private serve(atOnce = false): void {
    for (;;) {
      const canGive = this.inbox.size > 0 && this.receivers.size > 0
      if (canGive && (atOnce || first(this.receivers).node !== tree.id)) {
        this.give(this.nextReceiver())
      } else if (this.senders.size === 0 || !this.admitSender()) {
        if (canGive) this.serveSoon()
        break
      }
    }
    if (this.inbox.size === 0 && !this.peer.isClosed) return
    for (const poller of take(this.pollers)) poller.answer(true)
    if (this.inbox.size > 0) return
    for (const receiver of take(this.receivers)) receiver.fail(new EOFError('The other end of the pipe is closed'))
  }

  /** Admits the next sender waiting for room; returns whether there was room. */
  private admitSender(): boolean {
    const asker = first(this.senders.keys())
    const message = this.senders.get(asker)!
    if (!this.hasRoomFor(message)) return false
    this.senders.delete(asker)
    if (asker.answer()) this.store(message)
    return true
  }

  private give(receiver: Asker): void {
    const message = this.inbox.shift()
    if (receiver.answer(message.raw, message.payload)) this.unread -= sizeOf(message.payload)
    else this.inbox.unshift(message)
  }

  private poll(asker: Asker, block: boolean): void {
    if (this.inbox.size > 0 || this.peer.isClosed) asker.answer(true)
    else if (block) this.pollers.add(asker)
    else asker.answer(false)
  }

  private watchClose(asker: Asker): void {
    if (this.isClosed) asker.answer()
    else this.closeWatchers.add(asker)
  }

  /**
   * Fails the callers of a process that still wait to receive at this end, which that process has closed. Messages already sent
   * still arrive.
   */
  private failReceivers(node: string): void {
    for (const asker of [...this.receivers, ...this.pollers]) {
      if (asker.node !== node) continue
      this.leave(asker)
      asker.fail(new OSError('EBADF', { strerror: 'handle is closed' }))
    }
  }

  private endIfClosed(): void {
    if (!this.isClosed) return
    // Nobody will read these, and the peers of pipe ends in them must see those close.
    while (this.inbox.size > 0) recall(this.inbox.shift().payload)
    const senders = [...this.senders]
    this.senders.clear()
    for (const [sender, { payload }] of senders) {
      recall(payload)
      sender.fail(osError('EPIPE'))
    }
    for (const watcher of take(this.closeWatchers)) watcher.answer()
    this.peer.serve()
  }

  leave(asker: Asker): void {
    for (const askers of [this.receivers, this.pollers, this.peer.closeWatchers]) askers.delete(asker)
    // Senders queued behind this one may have room now.
    if (this.peer.senders.delete(asker)) this.peer.serve()
  }

  undo(
    node: string,
    _method: string,
    value: unknown,
    payload: Payload | undefined,
    order: number,
    latest?: number,
  ): void {
    // Only a received message has a payload.
    if (payload === undefined) return
    if (this.isClosed) {
      recall(payload)
      return
    }
    this.inbox.giveBack({ payload, raw: value === true }, node, order, latest)
    this.unread += sizeOf(payload)
    this.serve(node !== tree.id)
  }

  forget(isLost: (node: string) => boolean): void {
    for (const node of this.holders.keys()) if (isLost(node)) this.holders.delete(node)
    for (const [id, carrier] of this.inTransit) if (carrier !== null && isLost(carrier)) this.inTransit.delete(id)
    this.endIfClosed()
  }
}

function first<T>(all: Iterable<T>): T {
  return all[Symbol.iterator]().next().value as T
}

function take(askers: Set<Asker>): Asker[] {
  const all = [...askers]
  askers.clear()
  return all
}
