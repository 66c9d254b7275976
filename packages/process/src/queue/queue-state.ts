import type { Payload } from '../codec/payload.ts'
import { Backlog } from '../shared/backlog.ts'
import { onceSoon } from '../shared/once-soon.ts'
import type { Asker, OwnedObject } from '../tree/owned-object.ts'
import { tree } from '../tree/tree.ts'

/** The reply to a non-blocking `get` from an empty queue. */
export const EMPTY = 0
/** The reply to a non-blocking `put` into a full queue. */
export const FULL = 0
/** The reply to a `put` without an item, which asks for room for one that is sent later. */
const ROOM = 2

/** The state of a queue in the process that owns it: serialized items and the askers that wait, served in the order of arrival. */
export class QueueState implements OwnedObject {
  private readonly maxsize: number
  private readonly items = new Backlog<Payload>()
  private readonly putters = new Map<Asker, Payload | undefined>()
  /** For how many items that it has yet to send each process was promised room. */
  private readonly promises = new Map<string, number>()
  private promised = 0
  private readonly getters = new Set<Asker>()
  private readonly watchers = new Set<Asker>()
  private readonly joiners = new Set<Asker>()
  private unfinished = 0
  private readonly serveSoon = onceSoon(() => this.serve(true))

  /** @param maxsize the maximum number of items; `Infinity` if unbounded */
  constructor(maxsize: number) {
    this.maxsize = maxsize
  }

  ask(asker: Asker, method: string, [block]: readonly unknown[], payload: Payload | undefined): void {
    if (method === 'put') this.put(asker, payload, block !== false)
    else if (method === 'fill') this.fill(asker, payload!)
    else if (method === 'get') this.get(asker, block !== false)
    else if (method === 'untilReady') this.watch(asker)
    else if (method === 'taskDone') this.taskDone(asker)
    else if (method === 'join') this.join(asker, block !== false)
    else asker.answer(method === 'full' ? !this.hasRoom : this.items.size)
  }

  private get hasRoom(): boolean {
    return this.items.size + this.promised < this.maxsize
  }

  private put(asker: Asker, item: Payload | undefined, block: boolean): void {
    if (this.hasRoom && item === undefined) {
      this.promise(asker)
    } else if (this.hasRoom) {
      this.store(item!)
      asker.answer(1)
      this.serve(asker.node !== tree.id)
    } else if (block) {
      this.putters.set(asker, item)
    } else {
      asker.answer(FULL)
    }
  }

  /** Promises a process room for an item, so that sending the item cannot fail. */
  private promise(asker: Asker): void {
    this.promises.set(asker.node, (this.promises.get(asker.node) ?? 0) + 1)
    this.promised += 1
    if (!asker.answer(ROOM)) this.endPromises(asker.node, 1)
  }

  private endPromises(node: string, count = Infinity): void {
    const open = this.promises.get(node) ?? 0
    const ended = Math.min(count, open)
    this.promised -= ended
    if (ended === open) this.promises.delete(node)
    else this.promises.set(node, open - ended)
  }

  /** Stores an item for which room was promised. */
  private fill(asker: Asker, item: Payload): void {
    this.endPromises(asker.node, 1)
    this.store(item)
    asker.answer()
    this.serve(asker.node !== tree.id)
  }

  private store(item: Payload): void {
    this.items.push(item)
    this.unfinished += 1
  }

  private get(asker: Asker, block: boolean): void {
    if (this.items.size > 0) {
      this.give(asker)
      this.serve()
    } else if (block) {
      this.getters.add(asker)
    } else {
      asker.answer(EMPTY)
    }
  }

  private give(asker: Asker): void {
    const item = this.items.shift()
    if (!asker.answer(1, item)) this.items.unshift(item)
  }

  private watch(asker: Asker): void {
    if (this.items.size > 0) asker.answer(1)
    else this.watchers.add(asker)
  }

  /**
   * Serves those that wait. For what is put by this process, a getter in this process is served in the hub's next turn: if it was just
   * killed, it must not hold back an item from those that come after it.
   */
  private serve(atOnce = false): void {
    for (;;) {
      const [getter] = this.getters
      const [putter] = this.putters
      const hasItem = getter !== undefined && this.items.size > 0
      if (hasItem && (atOnce || getter.node !== tree.id)) {
        this.getters.delete(getter)
        this.give(getter)
      } else if (putter !== undefined && this.hasRoom) {
        const [asker, item] = putter
        this.putters.delete(asker)
        if (item === undefined) this.promise(asker)
        else if (asker.answer(1)) this.store(item)
      } else {
        if (hasItem) this.serveSoon()
        break
      }
    }
    if (this.items.size === 0) return
    for (const watcher of this.watchers) watcher.answer(1)
    this.watchers.clear()
  }

  private taskDone(asker: Asker): void {
    if (this.unfinished <= 0) throw new RangeError('Expected `taskDone` once for each item: called too many times')
    this.unfinished -= 1
    asker.answer()
    if (this.unfinished > 0) return
    for (const joiner of this.joiners) joiner.answer(true)
    this.joiners.clear()
  }

  private join(asker: Asker, block: boolean): void {
    if (this.unfinished === 0 || !block) asker.answer(this.unfinished === 0)
    else this.joiners.add(asker)
  }

  leave(asker: Asker): void {
    this.putters.delete(asker)
    this.getters.delete(asker)
    this.watchers.delete(asker)
    this.joiners.delete(asker)
  }

  undo(
    node: string,
    method: string,
    value: unknown,
    payload: Payload | undefined,
    order: number,
    latest?: number,
  ): void {
    if (method === 'put' && value === ROOM) {
      this.endPromises(node, 1)
      this.serve()
    }
    if (method !== 'get' || value !== 1 || payload === undefined) return
    this.items.giveBack(payload, node, order, latest)
    this.serve(node !== tree.id)
  }

  forget(isLost: (node: string) => boolean): void {
    for (const node of this.promises.keys()) if (isLost(node)) this.endPromises(node)
    this.serve()
  }
}
