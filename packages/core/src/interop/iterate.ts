import { Blocking } from '../engine/blocking.ts'
import { wrongType } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { CooperativeIterator } from '../wait/cooperative-iterator.ts'

type Result<T> = IteratorResult<T, unknown>

/** What may be known of an async iterable. */
interface Source<T> {
  [Symbol.asyncIterator]?(): AsyncIterator<T>
  getReader?(): ReadableStreamDefaultReader<T>
  destroy?(): void
}

const OVER = { done: true, value: undefined } as const

/** The wait for one item. */
class Next<T> extends Blocking<IteratorResult<T, undefined>> {
  private readonly items: AsyncItems<T>
  private promise: Promise<Result<T>> | null = null

  constructor(items: AsyncItems<T>) {
    super()
    this.items = items
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const promise = this.items.request(this)
    if (promise === null) {
      this.outcome = OVER
      return true
    }
    this.promise = promise
    promise.then(
      (result) => this.wake(result.done ? this.items.end() : { done: false, value: this.items.wrap(result.value) }),
      (error) => {
        this.items.end()
        this.fail(error)
      },
    )
    return false
  }

  cancel(): void {
    this.items.giveBack(this.promise!)
  }

  protected override discard(): void {
    this.items.giveBack(this.promise!)
  }

  describe(): string {
    return 'iterate'
  }
}

/** The items of an async iterable, one at a time. */
export class AsyncItems<T> extends CooperativeIterator<T> {
  /** @internal Converts an item to what `next` returns. */
  readonly wrap: (item: T) => T
  private readonly source: Source<T>
  private readonly iterator: AsyncIterator<T>
  /** Items requested by waits that were killed. The next waits get them, so that none is lost. */
  private readonly givenBack: Promise<Result<T>>[] = []
  /** The waits for an item; some may have ended already. */
  private readers: Next<T>[] = []
  private over = false

  constructor(source: AsyncIterable<T> | AsyncIterator<T>, wrap: (item: T) => T) {
    super()
    this.source = source as Source<T>
    this.wrap = wrap
    this.iterator = open(this.source)
  }

  next(): Operation<IteratorResult<T, undefined>> {
    return new Next(this)
  }

  /** @internal Returns the promise of the next item, or `null` past the end. */
  request(reader: Next<T>): Promise<Result<T>> | null {
    this.readers = [...this.readers.filter((other) => other.isWaiting), reader]
    return this.givenBack.shift() ?? (this.over ? null : Promise.resolve(this.iterator.next()))
  }

  /** @internal */
  giveBack(promise: Promise<Result<T>>): void {
    if (!this.over) this.givenBack.push(promise)
  }

  /** @internal */
  end(): typeof OVER {
    this.over = true
    return OVER
  }

  protected override onClose(): void {
    if (this.over) return
    this.over = true
    this.givenBack.length = 0
    for (const reader of this.readers) reader.wake(OVER)
    // A waiting async generator does not handle `return` before its next item, so a stream underneath is destroyed directly.
    this.source.destroy?.()
    Promise.resolve(this.iterator.return?.()).catch(() => {})
  }
}

/** Opens an async iterable. The async iterator of a web stream cannot cancel the stream during a read, but its reader can. */
function open<T>(source: Source<T>): AsyncIterator<T> {
  const reader = source.getReader?.()
  return reader
    ? { next: () => reader.read(), return: () => reader.cancel() as Promise<never> }
    : (source[Symbol.asyncIterator]?.() ?? (source as unknown as AsyncIterator<T>))
}

/**
 * Iterates over an async iterable cooperatively: a stream, an async generator, `fs.opendir`, `events.on`. An item that arrives
 * after the wait for it was killed or timed out is kept for the next call. Closing the iterator, as `each` does at the end, calls
 * `return` on the underlying one; it destroys a Node stream and cancels a web stream.
 *
 * @param items an async iterable or an async iterator
 * @returns a blocking iterator; `next` throws what the iterable throws, and reports that it is done from then on
 * @throws {TypeError} at once, if `items` cannot be iterated asynchronously
 * @example
 * yield* each(iterate(createReadStream(path)), function* (chunk) {
 *   yield* sock.sendall(chunk)
 * })
 */
export function iterate<T>(items: AsyncIterable<T> | AsyncIterator<T>): CooperativeIterator<T> {
  const candidate = items as Partial<AsyncIterable<T> & AsyncIterator<T>> | undefined | null
  if (typeof candidate?.[Symbol.asyncIterator] !== 'function' && typeof candidate?.next !== 'function') {
    throw wrongType('items', 'an async iterable', items)
  }
  return new AsyncItems(items, (item) => item)
}
