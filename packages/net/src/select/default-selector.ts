import type { Operation } from '@greenlit/core'
import { checkTimeout, Done, type TimeLimit } from '@greenlit/core/engine'
import { KeyError } from '@greenlit/process'
import type { Pollable } from '../socket/description.ts'
import type { FileObject } from './file-object.ts'
import { clearWhenLost, InterestList, type ReadyInterest } from './interest-list.ts'
import { InterestWait } from './interest-wait.ts'
import { checkEvents, checkFileObject, EVENT_READ, EVENT_WRITE, type SelectorKey } from './selector-key.ts'
import { SelectorMap } from './selector-map.ts'

/** A ready socket's key, and what it is ready for. */
type Ready<D> = [key: SelectorKey<D>, events: number]

/**
 * Waits on many sockets, each registered once with data of its own (Python: selectors.DefaultSelector). What is registered,
 * changed or taken out while a greenlet is in `select` counts at once. A closed socket is never ready, and should be taken out. A call
 * costs by how many sockets are ready, not by how many are registered.
 *
 * @example
 * const selector = new DefaultSelector<() => Coroutine<void>>()
 * selector.register(server, EVENT_READ, acceptOne)
 * for (;;) for (const [key] of yield* selector.select()) yield* key.data()
 */
export class DefaultSelector<D = unknown> {
  private readonly registered = new Map<number, SelectorKey<D>>()
  private readonly map = new SelectorMap<D>(this.registered)
  // It knows no keys: what a key has may lead back here, so that a selector would never be lost.
  private readonly list = new InterestList(eventsOf)
  private isClosed = false

  constructor() {
    clearWhenLost(this.list, this)
  }

  /**
   * Adds a socket.
   *
   * @param fileobj a socket, a server, a number of one, or one of Node's streams
   * @param events EVENT_READ, EVENT_WRITE or both
   * @param data anything, for the key
   * @throws {RangeError} for other events, a closed socket or what is no file object; {KeyError} if it is registered already
   */
  register(fileobj: FileObject, events: number, ...data: undefined extends D ? [data?: D] : [data: D]): SelectorKey<D> {
    this.checkOpen()
    checkEvents(events)
    const pollable = checkFileObject(fileobj)
    const { fd } = pollable
    if (this.registered.has(fd)) throw new KeyError(`${fd} is already registered`)
    const key = { fileobj, fd, events, data: data[0] as D }
    this.registered.set(fd, key)
    this.list.add(pollable, events)
    return key
  }

  /**
   * Takes a socket out, also a closed one.
   *
   * @returns its key
   * @throws {KeyError} if it is not registered; {RangeError} if it is closed besides, or no file object
   */
  unregister(fileobj: FileObject): SelectorKey<D> {
    const key = this.find(fileobj)
    this.registered.delete(key.fd)
    this.list.remove(key.fd)
    return key
  }

  /**
   * Changes what to wait for, and the data.
   *
   * @param events EVENT_READ, EVENT_WRITE or both
   * @param data replaces the former
   * @returns the new key
   * @throws {KeyError} if it is not registered; {RangeError} for other events
   */
  modify(fileobj: FileObject, events: number, ...data: undefined extends D ? [data?: D] : [data: D]): SelectorKey<D> {
    const key = this.find(fileobj)
    const changed = { ...key, events: checkEvents(events), data: data[0] as D }
    this.registered.set(key.fd, changed)
    this.list.modify(this.list.get(key.fd)!, events)
    return changed
  }

  /**
   * The key of a socket.
   *
   * @throws {KeyError} if it is not registered; {Error} once the selector is closed
   */
  getKey(fileobj: FileObject): SelectorKey<D> {
    return this.find(fileobj)
  }

  /** What is registered, as it changes. */
  getMap(): SelectorMap<D> {
    return this.map
  }

  /**
   * Waits until a registered socket is ready.
   *
   * @param options `timeout`: milliseconds; 0 or less only looks, `undefined` waits without end; a number is the timeout
   * @returns the key of each ready socket, and for which of its events; none when the time is over
   * @throws {Error} once the selector is closed, also meanwhile
   */
  select(options: { timeout?: TimeLimit } | number = {}): Operation<Ready<D>[]> {
    this.checkOpen()
    const timeout = checkTimeout(typeof options === 'object' && options !== null ? options.timeout : options)
    return new SelectorWait<D>(this, this.list, timeout)
  }

  /**
   * Takes everything out, at once; the selector cannot be used any more. The sockets stay open. Closing twice is fine.
   *
   * @returns an operation with nothing to wait for
   */
  close(): Operation<undefined> {
    this.isClosed = true
    this.list.close(selectorClosed())
    this.registered.clear()
    return new Done()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  private find(fileobj: FileObject): SelectorKey<D> {
    this.checkOpen()
    return this.map.get(fileobj)
  }

  /** @internal */
  keyOf(fd: number): SelectorKey<D> {
    return this.registered.get(fd)!
  }

  /** @internal */
  checkOpen(): void {
    if (this.isClosed) throw selectorClosed()
  }
}

function selectorClosed(): Error {
  return new Error('Selector is closed')
}

class SelectorWait<D> extends InterestWait<Ready<D>> {
  private readonly selector: DefaultSelector<D>

  constructor(selector: DefaultSelector<D>, list: InterestList, timeout: TimeLimit) {
    super(list, timeout)
    this.selector = selector
  }

  override start(): boolean {
    this.selector.checkOpen()
    return super.start()
  }

  protected shown([{ fd }, events]: ReadyInterest): Ready<D> {
    return [this.selector.keyOf(fd), events]
  }

  describe(): string {
    return 'DefaultSelector.select'
  }
}

function eventsOf(pollable: Pollable): number {
  if (pollable.closed) return 0
  return (pollable.readable ? EVENT_READ : 0) | (pollable.writable ? EVENT_WRITE : 0)
}
