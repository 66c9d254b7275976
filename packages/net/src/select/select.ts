import type { Operation } from '@greenlit/core'
import { checkTimeoutFromZero, show, type TimeLimit } from '@greenlit/core/engine'
import type { Pollable } from '../description/description.ts'
import { closedElsewhere } from '../errors/make.ts'
import { type FileObject, pollableOf } from './file-object.ts'
import { PollableWait } from './pollable-wait.ts'
import { mayHideInput } from './readiness-wait.ts'

/** Options of `select`. */
export interface SelectOptions {
  /** How long to wait, in milliseconds from 0 up; 0 polls without waiting, `undefined` waits indefinitely. */
  timeout?: TimeLimit
}

/** A list of file objects and their pollables. */
interface Listed<T> {
  readonly fileobjs: readonly T[]
  readonly pollables: readonly Pollable[]
}

/**
 * Waits until at least one of several sockets is ready (Python: select.select). A socket is readable if it has bytes, the end of the
 * stream, an error or a connection to accept; it is writable if it takes bytes or has failed. Exceptional conditions never occur,
 * as Node provides no out-of-band data. A socket reported as ready may no longer be so once another greenlet has used it.
 *
 * @param rlist sockets or other file objects to wait on for reading; one that is listed twice is returned twice
 * @param wlist those to wait on for writing
 * @param xlist those to wait on for exceptional conditions: never ready, but closing one ends the wait
 * @param options `timeout`: milliseconds; a number is the timeout
 * @returns three new lists with the ready objects as given; all are empty when the timeout expires
 * @throws {TypeError} if a list is not iterable or holds anything but file objects; {RangeError} for a closed socket or a negative
 * timeout; {OSError} EBADF if one is closed during the wait
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
  return new Select(listed(rlist, 'rlist'), listed(wlist, 'wlist'), listed(xlist, 'xlist'), timeout)
}

function limitIn(options: SelectOptions | number | undefined | null): unknown {
  if (options === undefined || options === null) return undefined
  if (typeof options === 'number' || 'milliseconds' in Object(options)) return options
  if (typeof options === 'object') return options.timeout
  throw new TypeError(`Expected \`timeout\` to be a number of milliseconds or undefined, got ${show(options)}`)
}

function listed<T>(list: Iterable<T>, name: string): Listed<T> {
  if (typeof list === 'string' || typeof (list as Iterable<T> | undefined)?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`Expected \`${name}\` to be a list of sockets, got ${show(list)}`)
  }
  const fileobjs: T[] = []
  const pollables: Pollable[] = []
  // One at a time, as in Python: a `fileno` may remove objects from the list.
  for (const fileobj of list) {
    pollables.push(pollableOf(fileobj))
    fileobjs.push(fileobj)
  }
  return { fileobjs, pollables }
}

class Select<R, W, X> extends PollableWait<[R[], W[], X[]]> {
  private readonly readers: Listed<R>
  private readonly writers: Listed<W>
  private readonly others: Listed<X>

  constructor(readers: Listed<R>, writers: Listed<W>, others: Listed<X>, timeout: TimeLimit) {
    super([...readers.pollables, ...writers.pollables, ...others.pollables], timeout)
    this.readers = readers
    this.writers = writers
    this.others = others
  }

  protected collect(): [R[], W[], X[]] | undefined {
    const readable = ready(this.readers, isReadable)
    const writable = ready(this.writers, isWritable)
    ready(this.others, isExceptional)
    return readable.length > 0 || writable.length > 0 ? [readable, writable, []] : undefined
  }

  protected mayMissInput(): boolean {
    return this.readers.pollables.some(mayHideInput)
  }

  protected noneReady(): [R[], W[], X[]] {
    return [[], [], []]
  }

  describe(): string {
    return 'select'
  }
}

/** Returns the ready elements of a list; throws if any is closed. */
function ready<T>({ fileobjs, pollables }: Listed<T>, isReady: (pollable: Pollable) => boolean): T[] {
  const found: T[] = []
  for (let index = 0; index < pollables.length; index += 1) {
    const pollable = pollables[index]!
    if (pollable.closed) throw closedElsewhere()
    if (isReady(pollable)) found.push(fileobjs[index]!)
  }
  return found
}

function isReadable(pollable: Pollable): boolean {
  return pollable.readable
}

function isWritable(pollable: Pollable): boolean {
  return pollable.writable
}

function isExceptional(): boolean {
  return false
}
