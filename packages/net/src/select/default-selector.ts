import type { Coroutine, Operation } from '@greenlit/core'
import { Call, checkTimeout, Done, now, type TimeLimit } from '@greenlit/core/engine'
import { KeyError } from '@greenlit/process'
import type { FileObject } from './file-object.ts'
import { checkEvents, checkFileObject, numberIn, type SelectorKey } from './selector-key.ts'
import { type Registration, SelectorMap } from './selector-map.ts'
import { type Ready, SelectorWait } from './selector-wait.ts'

/**
 * Waits on many sockets, each registered once with data of its own (Python: selectors.DefaultSelector). What is registered,
 * changed or taken out while a greenlet is in `select` counts at once. A closed socket is never ready, and should be taken out.
 *
 * @example
 * const selector = new DefaultSelector<() => Coroutine<void>>()
 * selector.register(server, EVENT_READ, acceptOne)
 * for (;;) for (const [key] of yield* selector.select()) yield* key.data()
 */
export class DefaultSelector<D = unknown> {
  private readonly registrations = new Map<number, Registration<D>>()
  private readonly map = new SelectorMap<D>(this.registrations)
  private readonly waits = new Set<SelectorWait<D>>()
  private isClosed = false

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
    if (this.registrations.has(fd)) throw new KeyError(`${fd} is already registered`)
    const key = { fileobj, fd, events, data: data[0] as D }
    this.registrations.set(fd, { key, pollable })
    for (const wait of this.waits) wait.add(pollable)
    return key
  }

  /**
   * Takes a socket out, also a closed one.
   *
   * @returns its key
   * @throws {KeyError} if it is not registered
   */
  unregister(fileobj: FileObject): SelectorKey<D> {
    const { key, pollable } = this.find(fileobj)
    this.registrations.delete(key.fd)
    for (const wait of this.waits) pollable.unobserve(wait)
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
    const { key, pollable } = this.find(fileobj)
    const changed = { ...key, events: checkEvents(events), data: data[0] as D }
    this.registrations.set(key.fd, { key: changed, pollable })
    for (const wait of this.waits) wait.changed(pollable)
    return changed
  }

  /**
   * The key of a socket.
   *
   * @throws {KeyError} if it is not registered; {Error} once the selector is closed
   */
  getKey(fileobj: FileObject): SelectorKey<D> {
    return this.find(fileobj).key
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
  select(options: { timeout?: TimeLimit } | number = {}): Operation<Ready<D>> {
    this.checkOpen()
    const timeout = checkTimeout(typeof options === 'object' && options !== null ? options.timeout : options)
    return new Call(selectFrom<D>, [this as DefaultSelector<D>, timeout])
  }

  /** @internal */
  wait(timeout: TimeLimit): SelectorWait<D> {
    this.checkOpen()
    return new SelectorWait<D>(this.registrations, this.waits, timeout)
  }

  /**
   * Takes everything out, at once; the selector cannot be used any more. The sockets stay open. Closing twice is fine.
   *
   * @returns an operation with nothing to wait for
   */
  close(): Operation<undefined> {
    this.isClosed = true
    for (const wait of [...this.waits]) wait.stop(selectorClosed())
    this.registrations.clear()
    return new Done()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  private find(fileobj: FileObject): Registration<D> {
    this.checkOpen()
    const number = numberIn(this.registrations, fileobj)
    const found = this.registrations.get(number)
    if (found === undefined) throw new KeyError(`${number} is not registered`)
    return found
  }

  private checkOpen(): void {
    if (this.isClosed) throw selectorClosed()
  }
}

function selectorClosed(): Error {
  return new Error('Selector is closed')
}

/** Waits again when something new was registered that the wait must be made anew for. */
function* selectFrom<D>(selector: DefaultSelector<D>, timeout: TimeLimit): Coroutine<Ready<D>> {
  const started = now()
  let left = timeout
  for (;;) {
    const ready = yield* selector.wait(left)
    if (ready !== undefined) return ready
    if (typeof timeout === 'number') left = Math.max(0, timeout - (now() - started))
  }
}
