import type { Operation } from '@greenlit/core'
import { checkTimeout, Done, type TimeLimit } from '@greenlit/core/engine'
import { KeyError } from '@greenlit/process'
import type { Pollable } from '../description/description.ts'
import type { FileObject } from './file-object.ts'
import { clearWhenCollected, InterestList, type ReadyInterest } from './interest-list.ts'
import { InterestWait } from './interest-wait.ts'
import { checkEvents, checkFileObject, EVENT_READ, EVENT_WRITE, type SelectorKey } from './selector-key.ts'
import { SelectorMap } from './selector-map.ts'

/** The key of a ready socket and the events it is ready for. */
type Ready<D> = [key: SelectorKey<D>, events: number]

/**
 * Waits on many sockets, each registered once together with its own data (Python: selectors.DefaultSelector). Registering, changing
 * or removing a socket while a greenlet is in `select` takes effect immediately. A closed socket is never ready and should be
 * unregistered. The cost of a call grows with the number of ready sockets, not of registered ones.
 *
 * @example
 * const selector = new DefaultSelector<() => Coroutine<void>>()
 * selector.register(server, EVENT_READ, acceptOne)
 * for (;;) for (const [key] of yield* selector.select()) yield* key.data()
 */
export class DefaultSelector<D = unknown> {
  private readonly registered = new Map<number, SelectorKey<D>>()
  private readonly map = new SelectorMap<D>(this.registered)
  // The list must not reference keys: a key's data may lead back to this selector, which could then never be garbage-collected.
  private readonly list = new InterestList(eventsOf)
  private isClosed = false

  constructor() {
    clearWhenCollected(this.list, this)
  }

  /**
   * Registers a socket.
   *
   * @param fileobj a socket, a server, the descriptor number of one, or a Node stream
   * @param events EVENT_READ, EVENT_WRITE or both
   * @param data any value, stored in the key
   * @throws {RangeError} for other events, a closed socket or something that is not a file object; {KeyError} if the socket is already
   * registered
   */
  register(fileobj: FileObject, events: number, ...data: undefined extends D ? [data?: D] : [data: D]): SelectorKey<D> {
    this.checkOpen()
    checkEvents(events)
    const [fd, pollable] = checkFileObject(fileobj)
    if (this.registered.has(fd)) throw new KeyError(`${fd} is already registered`)
    const key = { fileobj, fd, events, data: data[0] as D }
    this.registered.set(fd, key)
    this.list.add(fd, pollable, events)
    return key
  }

  /**
   * Unregisters a socket, which may already be closed.
   *
   * @returns the socket's key
   * @throws {KeyError} if the socket is not registered; {RangeError} if it is neither registered nor open, or not a file object
   */
  unregister(fileobj: FileObject): SelectorKey<D> {
    const key = this.find(fileobj)
    this.registered.delete(key.fd)
    this.list.remove(key.fd)
    return key
  }

  /**
   * Changes the events to wait for, and the data.
   *
   * @param events EVENT_READ, EVENT_WRITE or both
   * @param data replaces the previous data
   * @returns the new key
   * @throws {KeyError} if the socket is not registered; {RangeError} for other events
   */
  modify(fileobj: FileObject, events: number, ...data: undefined extends D ? [data?: D] : [data: D]): SelectorKey<D> {
    const key = this.find(fileobj)
    const changed = { ...key, events: checkEvents(events), data: data[0] as D }
    this.registered.set(key.fd, changed)
    this.list.modify(this.list.get(key.fd)!, events)
    return changed
  }

  /**
   * Returns the key of a socket.
   *
   * @throws {KeyError} if the socket is not registered; {Error} once the selector is closed
   */
  getKey(fileobj: FileObject): SelectorKey<D> {
    return this.find(fileobj)
  }

  /** A live, read-only view of the registered sockets and their keys. */
  getMap(): SelectorMap<D> {
    return this.map
  }

  /**
   * Waits until a registered socket is ready.
   *
   * @param options `timeout`: milliseconds; 0 or less polls without waiting, `undefined` waits indefinitely; a number is the timeout
   * @returns the key of each ready socket with the events it is ready for; an empty list when the timeout expires
   * @throws {Error} if the selector is closed, before or during the wait
   */
  select(options: { timeout?: TimeLimit } | number = {}): Operation<Ready<D>[]> {
    this.checkOpen()
    const timeout = checkTimeout(typeof options === 'object' && options !== null ? options.timeout : options)
    return new SelectorWait<D>(this, this.list, timeout)
  }

  /**
   * Unregisters everything immediately; the selector can no longer be used. The sockets stay open. Closing twice has no effect.
   *
   * @returns an operation that completes immediately
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

  protected toResult([{ fd }, events]: ReadyInterest): Ready<D> {
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
