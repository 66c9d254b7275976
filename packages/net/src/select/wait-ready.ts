import type { Operation } from '@greenlit/core'
import { checkOptions, checkTimeoutFromZero, show, type TimeLimit } from '@greenlit/core/engine'
import { closedElsewhere, timedOut } from '../errors/make.ts'
import type { Pollable } from '../socket/description.ts'
import { type FileObject, pollableOf } from './file-object.ts'
import { PollableWait } from './pollable-wait.ts'
import { mayHide } from './readiness.ts'
import { EVENT_READ, EVENT_WRITE } from './selector-key.ts'

/** How to wait until a socket is ready. */
export interface WaitReadyOptions {
  /** How long to wait, in milliseconds from 0 up; 0 only looks, `undefined` waits without end. */
  timeout?: TimeLimit
  /** What is thrown when the time is over: an error, or the class of one. Default `TimeoutError` "timed out". */
  timeoutExc?: Error | (new () => Error)
}

/**
 * Waits until a socket may be read from: bytes, an end, an error, or a connection to accept (gevent.socket: wait_read). A kill or
 * timeout leaves it as it was.
 *
 * @param fileobj a socket, or another file object as `select` takes them
 * @param options see `WaitReadyOptions`
 * @returns EVENT_READ
 * @throws {TypeError} for what is no file object; {RangeError} for a closed one or a negative timeout; {OSError} EBADF when it is
 * closed meanwhile; {TimeoutError}, or what `timeoutExc` says, when the time is over
 * @example
 * yield* waitRead(sock, { timeout: 1_000 })
 */
export function waitRead(fileobj: FileObject, options?: WaitReadyOptions): Operation<number> {
  return waitFor(fileobj, EVENT_READ, options)
}

/** Waits until a socket may be written to; see `waitRead` (gevent.socket: wait_write). */
export function waitWrite(fileobj: FileObject, options?: WaitReadyOptions): Operation<number> {
  return waitFor(fileobj, EVENT_WRITE, options)
}

/** Waits for either; answers a sum of EVENT_READ and EVENT_WRITE; see `waitRead` (gevent.socket: wait_readwrite). */
export function waitReadwrite(fileobj: FileObject, options?: WaitReadyOptions): Operation<number> {
  return waitFor(fileobj, EVENT_READ | EVENT_WRITE, options)
}

function waitFor(fileobj: FileObject, events: number, options: WaitReadyOptions = {}): Operation<number> {
  const { timeout, timeoutExc } = checkOptions(options)
  if (timeoutExc !== undefined && !(timeoutExc instanceof Error) && typeof timeoutExc !== 'function') {
    throw new TypeError(`Expected \`timeoutExc\` to be an error or the class of one, got ${show(timeoutExc)}`)
  }
  return new WaitReady(pollableOf(fileobj), events, checkTimeoutFromZero(timeout), timeoutExc)
}

class WaitReady extends PollableWait<number> {
  private readonly pollable: Pollable
  private readonly events: number
  private readonly timeoutExc: WaitReadyOptions['timeoutExc']

  constructor(pollable: Pollable, events: number, timeout: TimeLimit, timeoutExc: WaitReadyOptions['timeoutExc']) {
    super([pollable], timeout)
    this.pollable = pollable
    this.events = events
    this.timeoutExc = timeoutExc
  }

  protected collect(): number | undefined {
    const { pollable, events } = this
    if (pollable.closed) throw closedElsewhere()
    const ready = ((pollable.readable ? EVENT_READ : 0) | (pollable.writable ? EVENT_WRITE : 0)) & events
    return ready === 0 ? undefined : ready
  }

  protected mayMiss(): boolean {
    return (this.events & EVENT_READ) !== 0 && mayHide(this.pollable)
  }

  protected nothing(): never {
    const { timeoutExc } = this
    if (timeoutExc === undefined) throw timedOut()
    throw typeof timeoutExc === 'function' ? new timeoutExc() : timeoutExc
  }

  describe(): string {
    return this.events === EVENT_READ ? 'waitRead' : this.events === EVENT_WRITE ? 'waitWrite' : 'waitReadwrite'
  }
}
