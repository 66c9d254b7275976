import { show } from '@greenlit/core/engine'
import { type File, type FileObject, fileOf } from './file-object.ts'

/** Ready for reading, or for accepting a connection. */
export const EVENT_READ = 1
/** Ready for writing. */
export const EVENT_WRITE = 2

/** A registered socket, its events and data (Python: SelectorKey). */
export interface SelectorKey<D = unknown> {
  /** The file object as given. */
  readonly fileobj: FileObject
  /** Its descriptor number. */
  readonly fd: number
  /** A sum of EVENT_READ and EVENT_WRITE. */
  readonly events: number
  /** The data it was registered with. */
  readonly data: D
}

/** The descriptor number of a file object, which may have been closed since it was registered. Throws if it is not a file object. */
export function numberIn<D>(registered: ReadonlyMap<number, SelectorKey<D>>, fileobj: FileObject): number {
  const number: unknown =
    typeof fileobj === 'object' && fileobj !== null && 'fileno' in fileobj ? fileobj.fileno() : fileobj
  if (typeof number === 'number' && number >= 0) return number
  // A closed socket has lost its number, and streams never have one.
  for (const [fd, key] of registered) if (key.fileobj === fileobj) return fd
  return checkFileObject(fileobj)[0]
}

/** Like `fileOf`, but throws `RangeError` for something that is not a file object, as Python's selectors do. */
export function checkFileObject(fileobj: unknown): File {
  try {
    return fileOf(fileobj)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new RangeError(`Invalid file object: ${show(fileobj)}`, { cause: error })
  }
}

/** Checks a sum of EVENT_*. */
export function checkEvents(events: unknown): number {
  if (typeof events !== 'number') throw new TypeError(`Expected \`events\` to be a sum of EVENT_*, got ${show(events)}`)
  if (events !== 0 && (events & ~(EVENT_READ | EVENT_WRITE)) === 0 && Number.isInteger(events)) return events
  throw new RangeError(`Invalid events: expected EVENT_READ, EVENT_WRITE or both, got ${events}`)
}
