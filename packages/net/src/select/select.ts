import type { Operation } from '@greenlit/core'
import { checkTimeoutFromZero, show, type TimeLimit } from '@greenlit/core/engine'
import { closedElsewhere } from '../errors/make.ts'
import type { Pollable } from '../socket/description.ts'
import { type FileObject, pollableOf } from './file-object.ts'
import { mayHide, Readiness } from './readiness.ts'

/** What `select` may be told. */
export interface SelectOptions {
  /** How long to wait, in milliseconds from 0 up; 0 only looks, `undefined` waits without end. */
  timeout?: TimeLimit
}

interface Interest<T> {
  readonly fileobj: T
  readonly pollable: Pollable
}

/**
 * Waits until some of several sockets are ready (Python: select.select). Readable is a socket with bytes, an end, an error or a
 * connection to accept; writable one that takes bytes, or has failed. Nothing is ever exceptional: Node gives no out-of-band data.
 * A socket that reads as ready may no longer be so once another greenlet has used it.
 *
 * @param rlist sockets, or other file objects, to read from; one that is listed twice is answered twice
 * @param wlist those to write to
 * @param xlist never ready, but waited on
 * @param options `timeout`: milliseconds; a number is the timeout
 * @returns three new lists with the objects as given; all are empty when the time is over
 * @throws {TypeError} for what is no list or no file object; {RangeError} for a closed socket or a negative timeout; {OSError} EBADF
 * when one is closed meanwhile
 * @example
 * const [readable] = yield* select([server, ...clients], [], [], { timeout: 1_000 })
 */
export function select<R extends FileObject, W extends FileObject, X extends FileObject>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  options: SelectOptions | number = {},
): Operation<[R[], W[], X[]]> {
  const timeout = checkTimeoutFromZero(limitIn(options))
  return new Select(interests(rlist, 'rlist'), interests(wlist, 'wlist'), interests(xlist, 'xlist'), timeout)
}

function limitIn(options: SelectOptions | number | undefined | null): unknown {
  if (options === undefined || options === null) return undefined
  if (typeof options === 'number' || 'milliseconds' in Object(options)) return options
  if (typeof options === 'object') return options.timeout
  throw new TypeError(`Expected \`timeout\` to be a number of milliseconds or undefined, got ${show(options)}`)
}

function interests<T>(list: Iterable<T>, name: string): Interest<T>[] {
  if (typeof list === 'string' || typeof (list as Iterable<T> | undefined)?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`Expected \`${name}\` to be a list of sockets, got ${show(list)}`)
  }
  return Array.from(list, (fileobj) => ({ fileobj, pollable: pollableOf(fileobj) }))
}

class Select<R, W, X> extends Readiness<[R[], W[], X[]]> {
  private readonly readers: readonly Interest<R>[]
  private readonly writers: readonly Interest<W>[]
  private readonly others: readonly Interest<X>[]

  constructor(
    readers: readonly Interest<R>[],
    writers: readonly Interest<W>[],
    others: readonly Interest<X>[],
    timeout: TimeLimit,
  ) {
    super(timeout)
    this.readers = readers
    this.writers = writers
    this.others = others
  }

  protected watched(): Iterable<Pollable> {
    return new Set([...this.readers, ...this.writers, ...this.others].map((each) => each.pollable))
  }

  override changed(source: Pollable): void {
    if (source.closed || source.readable || source.writable) super.changed(source)
  }

  protected collect(): [R[], W[], X[]] | undefined {
    const readable: R[] = []
    for (const { fileobj, pollable } of this.readers) {
      if (isOpen(pollable) && pollable.readable) readable.push(fileobj)
    }
    const writable: W[] = []
    for (const { fileobj, pollable } of this.writers) {
      if (isOpen(pollable) && pollable.writable) writable.push(fileobj)
    }
    for (const { pollable } of this.others) isOpen(pollable)
    return readable.length > 0 || writable.length > 0 ? [readable, writable, []] : undefined
  }

  protected mayMiss(): boolean {
    return this.readers.some(({ pollable }) => mayHide(pollable))
  }

  protected nothing(): [R[], W[], X[]] {
    return [[], [], []]
  }

  describe(): string {
    return 'select'
  }
}

function isOpen(pollable: Pollable): boolean {
  if (pollable.closed) throw closedElsewhere()
  return true
}
