import { getHub } from '@greenlit/core'
import { holdOutside, letGoOutside } from '@greenlit/core/engine'
import { decode, encodeError, type Payload } from '../codec/payload.ts'
import type { ObjectKey } from '../codec/shared.ts'
import { ProcessDiedError } from '../errors/process-error.ts'
import type { Header, Transport } from '../transport/transport.ts'
import type { Asker, Owned } from './owned.ts'
import { CANCEL, CANCELLED, FAILURE, LOST, NOTE, REPLY, REQUEST, UNDO } from './protocol.ts'
import { RemoteAsker } from './remote-asker.ts'

/** For how long the lines to children keep the program alive after the last wait, in milliseconds. */
const SETTLING = 20

/** A request to another process that is not yet answered. */
interface Pending {
  /** `null`: the asker has given up, and an answer that is on its way goes back. */
  asker: Asker | null
  readonly to: string
  readonly object: ObjectKey
  readonly method: string
}

/**
 * The processes of a program as this one sees them: a tree with the program itself as '0', its children '0.1' and '0.2', theirs
 * '0.1.1'. Messages travel along its branches. A request is answered once, or fails once the process that it went to is gone.
 *
 *     asker             owner
 *     REQUEST --------> ask()
 *     REPLY   <-------- answer()       or FAILURE
 *     CANCEL  --------> leave()        the asker has given up: CANCELLED, unless the answer is on its way already:
 *     UNDO    --------> undo()         then it goes back
 */
class Tree {
  id = '0'
  private parent: Transport | null = null
  private readonly children = new Map<string, Transport>()
  private lastChild = 0
  private lastObject = 0
  private lastExchange = 0
  private readonly owned = new Map<ObjectKey, Owned>()
  private readonly pending = new Map<number, Pending>()
  /** What others have asked, by who they are and the number of the exchange. */
  private readonly serving = new Map<string, Map<number, RemoteAsker>>()
  private readonly noteTakers = new Map<string, (note: readonly unknown[], payload: Payload | undefined) => void>()
  /** What the parent sent before anybody here was there to take it. */
  private readonly untaken: [note: readonly unknown[], payload: Payload | undefined][] = []
  private waits = 0
  private linesHold = false
  private settling: NodeJS.Timeout | undefined = undefined

  /** Makes this process a child: all that it cannot deliver goes to the parent. */
  adopt(id: string, parent: Transport): void {
    this.id = id
    this.parent = parent
  }

  /** Names a child that is about to be started. */
  nextChild(): string {
    this.lastChild += 1
    return `${this.id}.${this.lastChild}`
  }

  /** Adds a child. */
  addChild(id: string, link: Transport): void {
    this.children.set(id, link)
    link.onMessage = (header, payload) => this.route(header, payload, id)
    if (!this.linesHold) link.unref()
  }

  /** Takes a child out that is gone, and fails whatever waits for it or for a process below it. */
  removeChild(id: string): void {
    this.children.delete(id)
    this.noteTakers.delete(id)
    this.lose(id, id)
  }

  /** Takes one-way messages from a neighbour. */
  takeNotes(from: string, taker: (note: readonly unknown[], payload: Payload | undefined) => void): void {
    this.noteTakers.set(from, taker)
    for (const [note, payload] of this.untaken.splice(0)) taker(note, payload)
  }

  /** Sends a one-way message to a neighbour. */
  note(to: string, note: readonly unknown[], payload?: Payload): void {
    this.send([to, this.id, NOTE, 0, ...note], payload)
  }

  /** Somebody here waits for others: their lines keep the program alive. */
  hold(): void {
    this.waits += 1
    holdOutside()
    if (this.linesHold) return
    this.linesHold = true
    for (const link of this.children.values()) link.ref()
  }

  /** Somebody here no longer waits. */
  letGo(): void {
    this.waits -= 1
    letGoOutside()
    // Most waits follow each other closely, and each change of this costs as much as a message.
    if (this.waits === 0 && this.settling === undefined)
      this.settling = setTimeout(() => this.letLinesGo(), SETTLING).unref()
  }

  private letLinesGo(): void {
    this.settling = undefined
    if (this.waits > 0) return
    this.linesHold = false
    for (const link of this.children.values()) link.unref()
  }

  /** Gives an owned thing a number under which others can ask it. */
  own(owned: Owned): number {
    this.lastObject += 1
    this.owned.set(this.lastObject, owned)
    return this.lastObject
  }

  /** Lets others ask an owned thing by a name. */
  ownAs(name: string, owned: Owned): void {
    this.owned.set(name, owned)
  }

  /** The owned thing with a number, if it is here. */
  ownedHere(node: string, object: ObjectKey): Owned | undefined {
    return node === this.id ? this.owned.get(object) : undefined
  }

  /** Asks something that another process owns; answers the number of the exchange. */
  request(
    asker: Asker,
    to: string,
    object: ObjectKey,
    method: string,
    args: readonly unknown[],
    payload: Payload | undefined,
  ): number {
    this.lastExchange += 1
    const exchange = this.lastExchange
    this.pending.set(exchange, { asker, to, object, method })
    try {
      this.send([to, this.id, REQUEST, exchange, object, method, args], payload)
    } catch (error) {
      this.pending.delete(exchange)
      throw error
    }
    return exchange
  }

  /** Calls something that another process owns, and wants no answer. */
  tell(to: string, object: ObjectKey, method: string, args: readonly unknown[], payload: Payload | undefined): void {
    this.send([to, this.id, REQUEST, 0, object, method, args], payload)
  }

  /** Gives a request up. */
  cancel(exchange: number): void {
    const pending = this.pending.get(exchange)
    if (pending === undefined) return
    pending.asker = null
    this.send([pending.to, this.id, CANCEL, exchange])
  }

  /** Gives an answer back that nobody has taken. */
  giveBack(
    place: { node: string; object: ObjectKey; owned: Owned | null },
    method: string,
    value: unknown,
    payload: Payload | undefined,
  ): void {
    if (place.owned === null) this.send([place.node, this.id, UNDO, 0, place.object, method, value], payload)
    else place.owned.undo(this.id, method, value, payload)
  }

  /** Notes that a request from elsewhere is answered; `false` if it was cancelled. */
  finish(asker: RemoteAsker): boolean {
    return this.serving.get(asker.node)?.delete(asker.exchange) ?? false
  }

  /** Calls back once all that was sent to the parent is out of this process's hands. */
  flush(done: () => void): void {
    if (this.parent === null) done()
    else this.parent.flush(done)
  }

  /** Sends a message on its way. */
  send(header: Header, payload?: Payload): void {
    const link = this.linkTo(header[0])
    if (link !== undefined) link.send(header, payload)
    else if (header[2] === REQUEST) queueMicrotask(() => this.undeliverable(header))
  }

  private linkTo(to: string): Transport | undefined {
    if (!to.startsWith(`${this.id}.`)) return this.parent ?? undefined
    const end = to.indexOf('.', this.id.length + 1)
    return this.children.get(end < 0 ? to : to.slice(0, end))
  }

  private undeliverable([to, from, , exchange]: Header): void {
    const error = new ProcessDiedError(`The process that owns it is gone (${to})`)
    if (from === this.id) this.settle(exchange, (asker) => asker.fail(error))
    else this.send([from, this.id, FAILURE, exchange], encodeError(error))
  }

  /** Takes a message from a neighbour. */
  route(header: Header, payload: Payload | undefined, via: string): void {
    if (header[2] === LOST) this.lose(header[4] as string, via)
    else if (header[0] === this.id) this.take(header, payload)
    else this.pass(header, payload)
  }

  private pass(header: Header, payload: Payload | undefined): void {
    try {
      this.send(header, payload)
    } catch (error) {
      if (header[2] === REQUEST) this.send([header[1], this.id, FAILURE, header[3]], encodeError(error))
      else getHub().handleError('a message between processes', error)
    }
  }

  private take(header: Header, payload: Payload | undefined): void {
    const [, from, kind, exchange, ...rest] = header
    if (kind === NOTE) {
      const taker = this.noteTakers.get(from)
      if (taker !== undefined) taker(rest, payload)
      else if (this.parent !== null) this.untaken.push([rest, payload])
    } else if (kind === REQUEST) {
      this.serve(from, exchange, rest, payload)
    } else if (kind === REPLY) {
      const pending = this.pending.get(exchange)
      const taken = this.settle(exchange, (asker) => asker.answer(rest[0] ?? undefined, payload))
      if (!taken && pending !== undefined)
        this.send([from, this.id, UNDO, 0, pending.object, pending.method, rest[0]], payload)
    } else if (kind === FAILURE) {
      this.settle(exchange, (asker) => asker.fail(decode(payload!)))
    } else if (kind === CANCEL) {
      const asker = this.serving.get(from)?.get(exchange)
      if (asker === undefined) return
      this.finish(asker)
      asker.owned.leave(asker)
      this.send([from, this.id, CANCELLED, exchange])
    } else if (kind === CANCELLED) {
      this.pending.delete(exchange)
    } else if (kind === UNDO) {
      this.owned.get(rest[0] as ObjectKey)?.undo(from, rest[1] as string, rest[2] ?? undefined, payload)
    }
  }

  private serve(from: string, exchange: number, rest: readonly unknown[], payload: Payload | undefined): void {
    const [object, method, args] = rest as [ObjectKey, string, readonly unknown[]]
    const owned = this.owned.get(object)
    if (owned === undefined) {
      this.send([from, this.id, FAILURE, exchange], encodeError(new ReferenceError('The shared object is gone')))
      return
    }
    const asker = new RemoteAsker(this, from, exchange, owned)
    if (exchange > 0) this.servingOf(from).set(exchange, asker)
    try {
      owned.ask(asker, method, args, payload)
    } catch (error) {
      asker.fail(error)
    }
  }

  private servingOf(node: string): Map<number, RemoteAsker> {
    let serving = this.serving.get(node)
    if (serving === undefined) {
      serving = new Map()
      this.serving.set(node, serving)
    }
    return serving
  }

  private settle(exchange: number, end: (asker: Asker) => boolean): boolean {
    const pending = this.pending.get(exchange)
    this.pending.delete(exchange)
    return pending !== undefined && pending.asker !== null && end(pending.asker)
  }

  private lose(lost: string, via: string): void {
    const isLost = (node: string) => node === lost || node.startsWith(`${lost}.`)
    for (const [id, link] of this.children) if (id !== via) link.send([id, this.id, LOST, 0, lost])
    if (this.parent !== null && via !== 'parent') this.parent.send(['', this.id, LOST, 0, lost])
    for (const [node, askers] of this.serving) {
      if (!isLost(node)) continue
      this.serving.delete(node)
      for (const asker of askers.values()) asker.owned.leave(asker)
    }
    for (const owned of this.owned.values()) owned.forget(isLost)
    for (const [exchange, { to }] of this.pending) {
      if (isLost(to))
        this.settle(exchange, (asker) => asker.fail(new ProcessDiedError(`The process that owns it is gone (${to})`)))
    }
  }
}

/** This process's place in the tree. */
export const tree: Tree = new Tree()
