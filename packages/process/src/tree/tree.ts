import { getHub } from '@greenlit/core'
import { encodeError, type Payload, recall } from '../codec/payload.ts'
import type { ObjectKey } from '../codec/shared.ts'
import { ownerGone } from '../errors/process-error.ts'
import { CANCEL, CANCELLED, FAILURE, LOST, NOTE, REPLY, REQUEST, SPREAD, UNDO } from '../transport/protocol.ts'
import type { Header, Transport } from '../transport/transport.ts'
import { ChildLinks } from './child-links.ts'
import type { MessageSender } from './message-sender.ts'
import { type NoteHandler, Notes } from './notes.ts'
import { Requests } from './requests.ts'
import { Services } from './services.ts'

/**
 * The processes of a program, as this one sees them: a tree whose root, the program itself, has the id '0', its children '0.1' and
 * '0.2', their children '0.1.1' and so on. Messages are passed along its branches.
 *
 *     asker             owner
 *     REQUEST --------> ask()
 *     REPLY   <-------- answer()       or FAILURE
 *     CANCEL  --------> leave()        the asker has given up. The owner confirms with CANCELLED, unless the reply is already
 *     UNDO    --------> undo()         on its way: then the asker hands it back
 */
class Tree implements MessageSender {
  id = '0'
  /** The requests of this process to others. */
  readonly requests: Requests = new Requests(this)
  /** The requests of other processes to this one. */
  readonly services: Services = new Services(this)
  private parent: Transport | null = null
  private readonly children = new ChildLinks()
  private readonly notes = new Notes()
  private lastChild = 0

  /** Makes this process a child: messages to anything but its own descendants go to the parent. */
  adopt(id: string, parent: Transport): void {
    this.id = id
    this.parent = parent
  }

  /** Assigns an id to a child that is about to be started. */
  nextChild(): string {
    this.lastChild += 1
    return `${this.id}.${this.lastChild}`
  }

  /** Adds a child, with a handler of its notes. */
  addChild(id: string, link: Transport, handler: NoteHandler): void {
    this.children.add(id, link)
    this.notes.setHandler(id, handler)
    link.onMessage = (header, payload) => this.route(header, payload, id)
  }

  /** Removes a child that has ended, and fails everything that waits for it or its descendants. */
  removeChild(id: string): void {
    this.children.remove(id)
    this.notes.removeHandler(id)
    this.forget(id, id)
  }

  /** Sets the handler of the parent's notes. */
  onParentNote(handler: NoteHandler): void {
    this.notes.setHandler(this.id.slice(0, this.id.lastIndexOf('.')), handler)
  }

  /** Sends a note to the parent or a child. */
  note(to: string, note: readonly unknown[], payload?: Payload): void {
    this.send([to, this.id, NOTE, 0, ...note], payload)
  }

  /** Something in this process has begun to wait for another: the connections to children keep the program alive. */
  hold(): void {
    this.children.hold()
  }

  /** The wait has ended. */
  letGo(): void {
    this.children.letGo()
  }

  /** Calls back once everything sent to the parent has left this process. */
  flush(done: () => void): void {
    if (this.parent === null) done()
    else this.parent.flush(done)
  }

  /** Sends a message to a process, by way of a neighbour. */
  send(header: Header, payload?: Payload): void {
    const link = this.linkTo(header[0])
    if (link !== undefined) {
      link.send(header, payload)
      return
    }
    if (header[2] === REQUEST) queueMicrotask(() => this.undeliverable(header))
    if (payload !== undefined) recall(payload)
  }

  /** Whether a process can be reached, as far as this process knows. */
  reaches(node: string): boolean {
    return this.linkTo(node) !== undefined
  }

  private linkTo(to: string): Transport | undefined {
    const { id } = this
    if (!to.startsWith(id) || to[id.length] !== '.') return this.parent ?? undefined
    const end = to.indexOf('.', id.length + 1)
    return this.children.get(end < 0 ? to : to.slice(0, end))
  }

  private undeliverable([to, from, , exchange]: Header): void {
    const error = ownerGone(to)
    if (from === this.id) this.requests.fail(exchange, error)
    else if (exchange > 0) this.send([from, this.id, FAILURE, exchange], encodeError(error))
  }

  /** Handles a message from a neighbour: delivers it, or passes it on. */
  route(header: Header, payload: Payload | undefined, via: string): void {
    if (header[2] === LOST) this.forget(header[4] as string, via)
    else if (header[0] === this.id) this.deliver(header, payload)
    else this.forward(header, payload)
  }

  private forward(header: Header, payload: Payload | undefined): void {
    try {
      this.send(header, payload)
    } catch (error) {
      const [to, from, kind, exchange] = header
      if (kind === REQUEST && exchange > 0) this.send([from, this.id, FAILURE, exchange], encodeError(error))
      else if (kind === REPLY) this.send([to, from, FAILURE, exchange], encodeError(error))
      else getHub().handleError('a message between processes', error)
    }
  }

  private deliver(header: Header, payload: Payload | undefined): void {
    const from = header[1]
    const exchange = header[3]
    const kind = header[2]
    if (kind === REQUEST) {
      const [, , , , key, method, args, limit] = header
      this.services.serve(
        from,
        exchange,
        key as ObjectKey,
        method as string,
        args as unknown[],
        payload,
        limit as number | undefined,
      )
    } else if (kind === REPLY) {
      this.requests.answered(exchange, header[4], payload)
    } else if (kind === NOTE) {
      this.notes.deliver(header, payload, this.parent !== null)
    } else if (kind === FAILURE) {
      this.requests.failed(from, exchange, payload!)
    } else if (kind === CANCEL) {
      this.services.cancel(from, exchange)
    } else if (kind === CANCELLED) {
      this.requests.cancelled(exchange)
    } else if (kind === UNDO) {
      const [, , , , key, method, value, order, latest] = header
      this.services.undo(from, key as ObjectKey, method as string, value, payload, order as number, latest as number)
    } else if (kind === SPREAD) {
      this.services.owned.sent(header[4] as ObjectKey, undefined)
    }
  }

  private forget(lost: string, via: string): void {
    const isLost = (node: string) => node === lost || node.startsWith(`${lost}.`)
    for (const [id, link] of this.children) if (id !== via) link.send([id, this.id, LOST, 0, lost])
    if (this.parent !== null && via !== 'parent') this.parent.send(['', this.id, LOST, 0, lost])
    this.services.forget(isLost)
    this.requests.forget(isLost)
  }
}

/** This process's view of the tree. */
export const tree: Tree = new Tree()
