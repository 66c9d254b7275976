import { Blocking } from '../engine/blocking.ts'
import { checkIterable, checkOptions, checkWhole, show, type TimeLimit, timeoutOf } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { Greenlet } from '../greenlet/greenlet.ts'
import { hasLink, type LinkTarget } from '../greenlet/links.ts'

/** How to wait for several greenlets. */
export interface JoinallOptions {
  /** How long, in milliseconds. Default: until all are done. When over, what is done so far is returned. */
  timeout?: TimeLimit
  /** Whether the first failure among them is thrown as soon as it happens; the others go on. Default false. */
  raiseError?: boolean
  /** How many must be done for the wait to end, from 0 up. Default: all. */
  count?: number
}

/** The options of a wait that ends only when everything is there. */
export interface Complete {
  timeout?: undefined
  count?: undefined
}

/** As many as in a list, but each may stand anywhere. */
export type InAnyOrder<T extends readonly unknown[]> = { -readonly [K in keyof T]: T[number] }

class Joinall<G extends Greenlet<unknown>> extends Blocking<G[]> implements LinkTarget {
  private readonly greenlets: readonly G[]
  private readonly timeout: TimeLimit
  private readonly raiseError: boolean
  private missing: number
  private readonly finished: G[] = []
  private readonly repeats: Repeat[] = []

  constructor(greenlets: readonly G[], options: JoinallOptions) {
    super()
    this.greenlets = greenlets
    this.timeout = timeoutOf(options)
    const { raiseError, count } = checkOptions(options)
    this.raiseError = raiseError ?? false
    this.missing = Math.min(checkCount(count) ?? greenlets.length, greenlets.length)
  }

  start(): boolean {
    this.outcome = this.finished
    let pending = 0
    const { greenlets } = this
    for (let index = 0; index < greenlets.length; index += 1) {
      const greenlet = greenlets[index]!
      if (greenlet.ready()) {
        if (this.missing > 0) this.add(greenlet)
        if (this.raiseError && failed(greenlet)) throw greenlet.exception
      } else {
        pending += 1
      }
    }
    if (this.missing <= 0) return true
    if (pending === 0) return true
    for (let index = 0; index < greenlets.length; index += 1) {
      const greenlet = greenlets[index]!
      if (greenlet.ready()) continue
      if (!hasLink(greenlet.links, this)) {
        greenlet.addLink(this)
      } else {
        const repeat = new Repeat(this, greenlet)
        this.repeats.push(repeat)
        greenlet.addLink(repeat)
      }
    }
    this.limit(this.timeout)
    return false
  }

  /** All but the last only count: a turn of the hub for each would cost as much as running it. */
  absorb(source: unknown): boolean {
    const greenlet = source as G
    if (this.missing <= 1 || !this.isWaiting || (this.raiseError && failed(greenlet))) return false
    this.add(greenlet)
    return true
  }

  override notify(source: unknown): void {
    const greenlet = source as G
    this.add(greenlet)
    if (this.raiseError && failed(greenlet)) {
      this.cancel()
      this.throwTo(greenlet.exception)
    } else if (this.missing === 0) {
      if (this.finished.length < this.greenlets.length) this.cancel()
      this.switchTo(this.finished)
    }
  }

  private add(greenlet: G): void {
    this.finished.push(greenlet)
    this.missing -= 1
  }

  cancel(): void {
    const { greenlets } = this
    for (let index = 0; index < greenlets.length; index += 1) greenlets[index]!.removeLink(this)
    for (const repeat of this.repeats) repeat.greenlet.removeLink(repeat)
  }

  override expire(): G[] {
    return this.finished
  }

  describe(): string {
    return `joinall of ${this.greenlets.length} greenlets, ${this.missing} to go`
  }
}

/** A greenlet that stands in the list once more: a link is told once. */
class Repeat implements LinkTarget {
  private readonly joinall: LinkTarget
  readonly greenlet: Greenlet<unknown>

  constructor(joinall: LinkTarget, greenlet: Greenlet<unknown>) {
    this.joinall = joinall
    this.greenlet = greenlet
  }

  notify(source: unknown): void {
    this.joinall.notify(source)
  }
}

function failed(greenlet: Greenlet<unknown>): boolean {
  return !greenlet.successful()
}

/**
 * Waits for greenlets to finish (gevent: joinall).
 *
 * @param greenlets what to wait for; the same one twice counts twice, one that is never started never finishes
 * @param options see `JoinallOptions`
 * @returns those that have finished, in the order in which they did
 * @throws {TypeError} at once, if one of them is no greenlet
 * @example
 * yield* joinall(urls.map((url) => spawn(crawl, url)), { timeout: 30_000 })
 */
export function joinall<const T extends readonly Greenlet<unknown>[]>(
  greenlets: T,
  options?: JoinallOptions & Complete,
): Operation<InAnyOrder<T>>
export function joinall<G extends Greenlet<unknown>>(greenlets: Iterable<G>, options?: JoinallOptions): Operation<G[]>
export function joinall<G extends Greenlet<unknown>>(
  greenlets: Iterable<G>,
  options: JoinallOptions = {},
): Operation<G[]> {
  return new Joinall<G>(checkGreenlets(greenlets), options)
}

/** Checks a list of greenlets. */
export function checkGreenlets<G>(greenlets: Iterable<G>): G[] {
  // Copied and walked by index: an iterator over a hundred thousand greenlets takes longer than they do.
  const list = Array.isArray(greenlets) ? greenlets.slice() : checkIterable(greenlets, 'greenlets')
  for (let index = 0; index < list.length; index += 1) {
    const greenlet = list[index]
    if (!(greenlet instanceof Greenlet)) {
      const generator = typeof greenlet === 'object' && greenlet !== null && 'next' in greenlet && 'throw' in greenlet
      throw new TypeError(
        generator
          ? 'Expected `greenlets` to hold greenlets, got a generator object: spawn the function first'
          : `Expected \`greenlets\` to hold greenlets, got ${show(greenlet)}`,
      )
    }
  }
  return list
}

/** Checks how many of several are waited for. */
export function checkCount(count: unknown): number | undefined {
  if (count === undefined || count === null) return undefined
  return checkWhole(count, 'count', 0)
}
