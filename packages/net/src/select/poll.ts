import type { Operation } from '@greenlit/core'
import { checkTimeout, show, type TimeLimit } from '@greenlit/core/engine'
import { KeyError } from '@greenlit/process'
import type { Pollable } from '../description/description.ts'
import { osError } from '../errors/make.ts'
import { type FileObject, fileOf } from './file-object.ts'
import { clearWhenCollected, InterestList, type ReadyInterest } from './interest-list.ts'
import { InterestWait } from './interest-wait.ts'

/** There is data to read. */
export const POLLIN = 1
/** There is urgent data; never reported, as Node provides no out-of-band data. */
export const POLLPRI = 2
/** Sending would not block. */
export const POLLOUT = 4
/** An error is pending; always reported, whether requested or not. */
export const POLLERR = 8
/** Both directions have ended; always reported, whether requested or not. */
export const POLLHUP = 16
/** The socket is closed; always reported, whether requested or not. */
export const POLLNVAL = 32

/** The kernel's masks have 16 bits. */
const MAX_MASK = 0xffff
const ALWAYS_REPORTED = POLLERR | POLLHUP | POLLNVAL
type Ready = [fd: number, event: number]

/** Stands for a number under which nothing is open, for which `poll` reports POLLNVAL. */
const NOT_OPEN: Pollable = {
  readable: false,
  writable: false,
  hasFailed: false,
  hungUp: false,
  closed: true,
  isExternal: false,
  mayStayObserved: true,
  startWatching() {},
  observe() {},
  unobserve() {},
}

/**
 * A set of sockets to wait on, created by `poll()` (Python: select.poll). Registering, changing or removing a socket while a greenlet
 * is in `poll` takes effect immediately. The cost of a call grows with the number of ready sockets.
 *
 * @example
 * const poller = poll()
 * poller.register(client, POLLIN)
 * for (const [fd, event] of yield* poller.poll(1_000)) handle(fd, event)
 */
export class Poll {
  private readonly list = new InterestList(eventsOf)

  constructor() {
    clearWhenCollected(this.list, this)
  }

  /**
   * Registers a socket; if it is already registered, its mask is replaced. A number under which nothing is open can be registered too:
   * `poll` reports POLLNVAL for it.
   *
   * @param fd a socket, its descriptor number, or a Node stream
   * @param eventmask a sum of POLLIN, POLLPRI and POLLOUT; default all of them
   * @throws {TypeError} if it is not a file object; {RangeError} if it is closed
   */
  register(fd: FileObject, eventmask: number = POLLIN | POLLPRI | POLLOUT): void {
    const [number, pollable] = fileOf(fd, NOT_OPEN)
    const events = checkMask(eventmask) | ALWAYS_REPORTED
    const registered = this.list.get(number)
    if (registered?.pollable === pollable) {
      this.list.modify(registered, events)
    } else {
      this.list.remove(number)
      this.list.add(number, pollable, events)
    }
  }

  /**
   * Changes a socket's mask.
   *
   * @throws {OSError} ENOENT if the socket is not registered
   */
  modify(fd: FileObject, eventmask: number): void {
    const registered = this.list.get(numberOf(fd))
    if (registered === undefined) throw osError('ENOENT')
    this.list.modify(registered, checkMask(eventmask) | ALWAYS_REPORTED)
  }

  /**
   * Unregisters a socket.
   *
   * @throws {KeyError} if the socket is not registered
   */
  unregister(fd: FileObject): void {
    const number = numberOf(fd)
    if (!this.list.remove(number)) throw new KeyError(`${number} is not registered`)
  }

  /**
   * Waits until a registered socket is ready.
   *
   * @param timeout milliseconds; 0 polls without waiting, `undefined` or a negative number waits indefinitely
   * @returns the descriptor number of each ready socket with the events it is ready for; an empty list when the timeout expires
   */
  poll(timeout?: TimeLimit | { timeout?: TimeLimit }): Operation<Ready[]> {
    const given =
      typeof timeout === 'object' && timeout !== null && !('milliseconds' in timeout) ? timeout.timeout : timeout
    const limit = checkTimeout(given)
    return new PollWait(this, this.list, typeof limit === 'number' && limit < 0 ? undefined : limit)
  }
}

/**
 * Creates an empty set of sockets to wait on (Python: select.poll).
 *
 * @example
 * const poller = poll()
 */
export function poll(): Poll {
  return new Poll()
}

function checkMask(mask: unknown): number {
  if (typeof mask === 'number' && Number.isInteger(mask) && mask >= 0 && mask <= MAX_MASK) return mask
  const message = `Expected \`eventmask\` to be a sum of POLL*, got ${show(mask)}`
  throw typeof mask === 'number' ? new RangeError(message) : new TypeError(message)
}

/** The descriptor number of a file object. A number is returned as it is, even if no socket is open under it. */
function numberOf(fd: FileObject): number {
  return typeof fd === 'number' ? fd : fileOf(fd)[0]
}

class PollWait extends InterestWait<Ready> {
  /** Keeps the poll object from being garbage-collected during the wait. */
  readonly owner: Poll

  constructor(owner: Poll, list: InterestList, timeout: TimeLimit) {
    super(list, timeout)
    this.owner = owner
  }

  protected toResult([{ fd }, events]: ReadyInterest): Ready {
    return [fd, events]
  }

  describe(): string {
    return 'Poll.poll'
  }
}

function eventsOf(pollable: Pollable): number {
  if (pollable.closed) return POLLNVAL
  let events = pollable.readable ? POLLIN : 0
  if (pollable.writable) events |= POLLOUT
  if (pollable.hasFailed) events |= POLLERR
  if (pollable.hungUp) events |= POLLHUP
  return events
}
