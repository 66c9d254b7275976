import { Blocking } from '../engine/blocking.ts'
import { type TimeLimit, timeoutOf, wrongType } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { timeoutError } from '../greenlet/timeout.ts'

type Listener = (...args: unknown[]) => void

/** An emitter of named events, such as Node's `EventEmitter`; `never` stands for whatever names and listeners it takes. */
export interface EmitterLike {
  on(event: never, listener: never): unknown
  removeListener(event: never, listener: never): unknown
}

/** A dispatcher of events, such as the platform's `EventTarget`. */
export interface EventTargetLike {
  addEventListener(event: never, listener: never): unknown
  removeEventListener(event: never, listener: never): unknown
}

class Once extends Blocking<unknown[]> {
  private readonly source: EmitterLike | EventTargetLike
  private readonly isEmitter: boolean
  private readonly event: string | symbol
  private readonly timeout: TimeLimit
  private readonly onEvent: Listener
  private readonly onError: Listener

  constructor(source: EmitterLike | EventTargetLike, isEmitter: boolean, event: string | symbol, timeout: TimeLimit) {
    super()
    this.source = source
    this.isEmitter = isEmitter
    this.event = event
    this.timeout = timeout
    this.onEvent = (...args) => {
      this.cancel()
      this.wake(args)
    }
    this.onError = (error) => {
      this.cancel()
      this.fail(errorOf(error))
    }
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    this.forListeners(this.isEmitter ? 'on' : 'addEventListener')
    this.limit(this.timeout)
    return false
  }

  cancel(): void {
    this.forListeners(this.isEmitter ? 'removeListener' : 'removeEventListener')
  }

  /** Adds or removes the listeners. */
  private forListeners(method: string): void {
    const source = this.source as unknown as Record<string, (event: string | symbol, listener: Listener) => unknown>
    source[method]!(this.event, this.onEvent)
    if (this.event !== 'error') source[method]!('error', this.onError)
  }

  override expire(): never {
    throw timeoutError(this.timeout)
  }

  describe(): string {
    return `once(${this.source.constructor?.name || 'emitter'}, ${String(this.event)})`
  }
}

/** The error of an 'error' event: an `EventTarget` dispatches an event object, which may carry the error. */
function errorOf(error: unknown): unknown {
  if (error instanceof Error || typeof error !== 'object' || error === null || !('type' in error)) return error
  const carried = (error as { error?: unknown }).error
  return carried ?? new Error(`An event of type ${String(error.type)} was dispatched`, { cause: error })
}

/**
 * Waits for the next event of an emitter (Node: events.once). It listens only while it waits: an earlier event is missed, and the
 * event itself, a kill or a timeout removes the listeners.
 *
 * @param source an `EventEmitter` or an `EventTarget`
 * @param event the event's name
 * @param options `timeout`: milliseconds, default no limit
 * @returns the arguments of the event, as an array; for an `EventTarget`, `[event]`
 * @throws the error of an 'error' event, unless that is the event waited for; {Timeout} when the time is up; {TypeError} at once,
 *   if `source` does not emit events
 * @example
 * server.listen(0)
 * yield* once(server, 'listening')
 * const [socket] = yield* once<[Socket]>(server, 'connection')
 */
export function once<A extends unknown[] = unknown[]>(
  source: EmitterLike,
  event: string | symbol,
  options?: { timeout?: TimeLimit },
): Operation<A>
export function once<E = globalThis.Event>(
  source: EventTargetLike,
  event: string,
  options?: { timeout?: TimeLimit },
): Operation<[E]>
export function once(
  source: EmitterLike | EventTargetLike,
  event: string | symbol,
  options: { timeout?: TimeLimit } = {},
): Operation<unknown[]> {
  const has = (method: string) =>
    typeof (source as unknown as Record<string, unknown> | undefined | null)?.[method] === 'function'
  const isEmitter = has('on') && has('removeListener')
  if (!isEmitter && !(has('addEventListener') && has('removeEventListener'))) {
    throw wrongType('source', 'an EventEmitter or an EventTarget', source)
  }
  if (typeof event !== 'string' && typeof event !== 'symbol') {
    throw wrongType('event', 'the name of an event', event)
  }
  return new Once(source, isEmitter, event, timeoutOf(options))
}
