import { show } from '@greenlit/core/engine'
import type { Pollable } from '../socket/description.ts'
import { type FileObject, pollableOf } from './file-object.ts'

/** Ready to be read from, or to accept. */
export const EVENT_READ = 1
/** Ready to be sent to. */
export const EVENT_WRITE = 2

/** What was registered (Python: SelectorKey). */
export interface SelectorKey<D = unknown> {
  /** The object as given. */
  readonly fileobj: FileObject
  /** Its number. */
  readonly fd: number
  /** A sum of EVENT_READ and EVENT_WRITE. */
  readonly events: number
  /** What was given with it. */
  readonly data: D
}

/** The number of a file object, also of one that was closed since; throws if it is none. */
export function numberIn<D>(registered: ReadonlyMap<number, SelectorKey<D>>, fileobj: FileObject): number {
  const number: unknown =
    typeof fileobj === 'object' && fileobj !== null && 'fileno' in fileobj ? fileobj.fileno() : fileobj
  if (typeof number === 'number' && number >= 0) return number
  // What is closed has lost its number, and streams have none.
  for (const [fd, key] of registered) if (key.fileobj === fileobj) return fd
  return checkFileObject(fileobj).fd
}

/** As `pollableOf`, with the errors of selectors. */
export function checkFileObject(fileobj: unknown): Pollable {
  try {
    return pollableOf(fileobj)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new RangeError(`Invalid file object: ${show(fileobj)}`, { cause: error })
  }
}

/** Checks what to wait for. */
export function checkEvents(events: unknown): number {
  if (typeof events !== 'number') throw new TypeError(`Expected \`events\` to be a sum of EVENT_*, got ${show(events)}`)
  if (events !== 0 && (events & ~(EVENT_READ | EVENT_WRITE)) === 0 && Number.isInteger(events)) return events
  throw new RangeError(`Invalid events: expected EVENT_READ, EVENT_WRITE or both, got ${events}`)
}
