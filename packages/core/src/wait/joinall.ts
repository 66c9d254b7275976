import { Blocking } from '../engine/blocking.ts'
import { checkItems, checkIterable, checkOptions, checkWhole, type TimeLimit, timeoutOf } from '../engine/check.ts'
import { runtime } from '../engine/runtime.ts'
import type { Operation } from '../engine/suspension.ts'
import { Greenlet } from '../greenlet/greenlet.ts'
import { hasLink, type LinkTarget } from '../greenlet/links.ts'

/** An object that `joinall` can wait for: a greenlet, or any object with links, such as an event, a result or a process. */
export interface Joinable {
  rawlink(callback: (source: unknown) => unknown): void
  unlink(callback: (source: unknown) => unknown): void
  /** Returns `true` if the object is ready already. Otherwise it counts as ready once it calls the linked function. */
  ready?(): unknown
  /** Whether it succeeded, once it is ready. */
  successful?(): boolean
  /** The error that it failed with. */
  readonly exception?: unknown
}

/** Options for waiting for several greenlets. */
export interface JoinallOptions {
  /** How long to wait, in milliseconds. On timeout, the greenlets that have finished so far are returned. Default: no limit. */
  timeout?: TimeLimit
  /** Whether to throw the first failure as soon as it happens; the other greenlets keep running. Default false. */
  raiseError?: boolean | undefined
  /** How many must finish to end the wait, a non-negative integer. Default: all. */
  count?: number | undefined
}

/** The options of a wait that ends only when all objects are ready. */
export interface Complete {
  timeout?: undefined
  count?: undefined
}

/** The type of a tuple whose elements were reordered. */
export type InAnyOrder<T extends readonly unknown[]> = { -readonly [K in keyof T]: T[number] }

class Joinall<W extends Joinable> extends Blocking<W[]> implements LinkTarget {
  private readonly objects: readonly W[]
  private readonly timeout: TimeLimit
  private readonly raiseError: boolean
  private missing: number
  private readonly finished: W[] = []
  private readonly callbacks: { object: W; callback: () => void }[] = []

  constructor(objects: readonly W[], options: JoinallOptions) {
    super()
    this.objects = objects
    this.timeout = timeoutOf(options)
    const { raiseError, count } = checkOptions(options)
    this.raiseError = raiseError ?? false
    this.missing = checkCount(count, objects.length)
  }

  start(): boolean {
    this.outcome = this.finished
    const { objects } = this
    // A single pass: with very many greenlets, a second one would take as long as running them.
    for (let index = 0; index < objects.length && this.missing > 0; index += 1) {
      const object = objects[index]!
      if (object.ready?.() === true) {
        this.add(object)
        if (this.raiseError && failed(object)) {
          this.cancel()
          throw object.exception
        }
      } else {
        this.addLinkTo(object)
      }
    }
    if (this.missing <= 0) {
      this.cancel()
      return true
    }
    this.limit(this.timeout)
    return false
  }

  private addLinkTo(object: W): void {
    if (object instanceof Greenlet && !hasLink(object._links, this)) {
      object.addLink(this)
    } else {
      // An object that is listed twice counts twice, so each occurrence needs a link of its own.
      const callback = () => this.notify(object, runtime.inHub && runtime.current === null)
      this.callbacks.push({ object, callback })
      object.rawlink(callback)
    }
  }

  /** Counts all greenlets but the last without a turn of the hub, which would cost as much as running a greenlet. */
  absorb(source: unknown): boolean {
    const greenlet = source as W
    if (this.missing <= 1 || this.callbacks.length > 0 || !this.isWaiting) return false
    if (this.raiseError && failed(greenlet)) return false
    this.add(greenlet)
    return true
  }

  /** Called when an object is ready. In the hub the waiting greenlet runs right here; other objects may call back from anywhere. */
  notify(source: unknown, inHub = true): void {
    const object = source as W
    this.add(object)
    if (this.raiseError && failed(object)) {
      this.cancel()
      if (inHub) this.throwTo(object.exception)
      else this.fail(object.exception)
    } else if (this.missing === 0) {
      // If all objects are greenlets and have finished, no link is left to remove.
      if (this.finished.length < this.objects.length || this.callbacks.length > 0) this.cancel()
      if (inHub) this.switchTo(this.finished)
      else this.wake(this.finished)
    }
  }

  private add(object: W): void {
    this.finished.push(object)
    this.missing -= 1
  }

  cancel(): void {
    for (const object of this.objects) {
      if (object instanceof Greenlet) object.removeLink(this)
    }
    for (const { object, callback } of this.callbacks) object.unlink(callback)
  }

  override expire(): W[] {
    return this.finished
  }

  describe(): string {
    return `joinall of ${this.objects.length} greenlets, ${this.missing} to go`
  }
}

function failed(object: Joinable): boolean {
  return object.successful?.() === false
}

/**
 * Waits for greenlets to finish, or for anything else with `rawlink` to become ready (gevent: joinall).
 *
 * @param greenlets what to wait for. One that is listed twice counts twice; one that is never started never finishes
 * @param options see `JoinallOptions`
 * @returns the greenlets that have finished, in the order in which they did
 * @throws {TypeError} immediately if one of them is neither a greenlet nor linkable; the first failure, with `raiseError`
 * @example
 * yield* joinall(urls.map((url) => spawn(crawl, url)), { timeout: 30_000 })
 */
export function joinall<const T extends readonly Joinable[]>(
  greenlets: T,
  options?: JoinallOptions & Complete,
): Operation<InAnyOrder<T>>
export function joinall<W extends Joinable>(greenlets: Iterable<W>, options?: JoinallOptions): Operation<W[]>
export function joinall<W extends Joinable>(greenlets: Iterable<W>, options: JoinallOptions = {}): Operation<W[]> {
  // Copied and walked by index: iterating over a hundred thousand greenlets takes longer than running them.
  const list = checkIterable(greenlets, 'greenlets')
  checkItems(list, 'greenlets', 'greenlets', isJoinable)
  return new Joinall<W>(list, options)
}

function isJoinable(object: Partial<Joinable> | undefined | null): boolean {
  return object instanceof Greenlet || typeof object?.rawlink === 'function'
}

/** Validates the `count` option of a wait. */
export function checkCount(count: unknown, most: number): number {
  return Math.min(checkWhole(count ?? most, 'count', 0), most)
}
