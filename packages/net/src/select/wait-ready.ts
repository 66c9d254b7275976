import type { Operation } from '@greenlit/core'
import { checkOptions, checkTimeoutFromZero, show, type TimeLimit } from '@greenlit/core/engine'
import type { Pollable } from '../description/description.ts'
import { closedElsewhere, timedOut } from '../errors/make.ts'
import { type FileObject, pollableOf } from './file-object.ts'
import { PollableWait } from './pollable-wait.ts'
import { mayHideInput } from './readiness-wait.ts'
import { EVENT_READ, EVENT_WRITE } from './selector-key.ts'

/** Options of `waitRead`, `waitWrite` and `waitReadwrite`. */
export interface WaitReadyOptions {
  /** How long to wait, in milliseconds from 0 up; 0 polls without waiting, `undefined` waits indefinitely. */
  timeout?: TimeLimit
  /** The error, or error class, to throw when the timeout expires. Default `TimeoutError` "timed out". */
  timeoutExc?: Error | (new () => Error) | undefined
}

/**
 * Waits until a socket is readable, that is, has bytes, the end of the stream, an error or a connection to accept (gevent.socket:
 * wait_read). A kill or timeout leaves the socket unchanged.
 *
 * @param fileobj a socket or any other file object that `select` accepts
 * @param options see `WaitReadyOptions`; a number is the timeout
 * @returns EVENT_READ
 * @throws {TypeError} if it is not a file object; {RangeError} for a closed one or a negative timeout; {OSError} EBADF if it is closed
 * during the wait; {TimeoutError}, or `timeoutExc`, when the timeout expires
 * @example
 * yield* waitRead(sock, { timeout: 1_000 })
 */
export function waitRead(fileobj: FileObject, options?: WaitReadyOptions | number): Operation<number> {
  return waitFor(fileobj, EVENT_READ, options)
}

/**
 * Waits until a socket is writable; see `waitRead` (gevent.socket: wait_write).
 *
 * @example
 * yield* waitWrite(sock, { timeout: 1_000 })
 */
export function waitWrite(fileobj: FileObject, options?: WaitReadyOptions | number): Operation<number> {
  return waitFor(fileobj, EVENT_WRITE, options)
}

/**
 * Waits until a socket is readable or writable and returns a sum of EVENT_READ and EVENT_WRITE; see `waitRead` (gevent.socket:
 * wait_readwrite).
 *
 * @example
 * yield* waitReadwrite(sock, { timeout: 1_000 })
 */
export function waitReadwrite(fileobj: FileObject, options?: WaitReadyOptions | number): Operation<number> {
  return waitFor(fileobj, EVENT_READ | EVENT_WRITE, options)
}

function waitFor(
  fileobj: FileObject,
  events: number,
  options: WaitReadyOptions | number | undefined,
): Operation<number> {
  const { timeout, timeoutExc } = givenOptions(options)
  checkTimeoutExc(timeoutExc)
  return new WaitReady(pollableOf(fileobj), events, checkTimeoutFromZero(timeout), timeoutExc)
}

/** Returns the options of a waiting call, where a number is the timeout. */
export function givenOptions(options: WaitReadyOptions | number | undefined): WaitReadyOptions {
  return typeof options === 'number' ? { timeout: options } : checkOptions(options)
}

/** Checks what to throw when the timeout expires. */
export function checkTimeoutExc(timeoutExc: unknown): void {
  if (timeoutExc !== undefined && !(timeoutExc instanceof Error) && typeof timeoutExc !== 'function') {
    throw new TypeError(`Expected \`timeoutExc\` to be an error or the class of one, got ${show(timeoutExc)}`)
  }
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

  protected mayMissInput(): boolean {
    return (this.events & EVENT_READ) !== 0 && mayHideInput(this.pollable)
  }

  protected noneReady(): never {
    const { timeoutExc } = this
    if (timeoutExc === undefined) throw timedOut()
    throw typeof timeoutExc === 'function' ? new timeoutExc() : timeoutExc
  }

  describe(): string {
    return this.events === EVENT_READ ? 'waitRead' : this.events === EVENT_WRITE ? 'waitWrite' : 'waitReadwrite'
  }
}
