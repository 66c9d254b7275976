import { fstatSync } from 'node:fs'
import type { Waitable } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import type { PipeReader, PipeWriter } from '@greenlit/process'
import type { Pollable } from '../description/description.ts'
import { osError } from '../errors/make.ts'
import { descriptionOf, wasAssigned } from '../socket/descriptors.ts'
import { StreamPollable } from './stream-pollable.ts'
import { WaitablePollable } from './waitable-pollable.ts'

/**
 * Anything that can be waited on: a socket, a server or any other object whose `fileno` method returns a socket's descriptor number,
 * such a number itself, a pipe of a `Popen`, a Node stream, or anything that `wait` takes, such as the sentinel of a process.
 */
export type FileObject =
  | number
  | { fileno(): number }
  | PipeReader
  | PipeWriter
  | NodeJS.ReadableStream
  | NodeJS.WritableStream
  | Waitable

/** A descriptor number and the pollable that it refers to. */
export type File = readonly [fd: number, pollable: Pollable]

/** Returns the pollable that a file object refers to; throws as `fileOf` does. */
export function pollableOf(fileobj: unknown): Pollable {
  return fileOf(fileobj)[1]
}

/**
 * Returns the number of a file object and the pollable that it refers to.
 *
 * @throws {TypeError} if it is not a file object; {RangeError} if it is closed (its number is negative); {OSError} EBADF for a number
 * that is not open, unless there is a pollable that stands for it, EPERM for a descriptor of the operating system
 */
export function fileOf(fileobj: unknown, notOpen?: Pollable): File {
  if (typeof fileobj === 'number') return [fileobj, openNumber(fileobj, notOpen)]
  if (typeof fileobj === 'object' && fileobj !== null) {
    if ('fileno' in fileobj && typeof fileobj.fileno === 'function') {
      const number: unknown = fileobj.fileno()
      if (typeof number !== 'number') throw new TypeError(`Expected fileno() to answer a number, got ${show(number)}`)
      return [number, openNumber(number, notOpen)]
    }
    const other = StreamPollable.of(fileobj) ?? WaitablePollable.of(fileobj)
    if (other?.closed) throw new RangeError(`Expected a pipe that is open, got ${show(fileobj)}`)
    if (other !== undefined) return [other.fd, other]
  }
  throw new TypeError(`argument must be a number, or have a fileno() method, got ${show(fileobj)}`)
}

function openNumber(number: number, notOpen: Pollable | undefined): Pollable {
  if (!Number.isInteger(number)) throw new TypeError(`Expected a file descriptor to be a whole number, got ${number}`)
  if (number < 0) throw new RangeError(`file descriptor cannot be a negative integer (${number})`)
  const description = descriptionOf(number)
  if (description !== undefined) return description
  if (wasAssigned(number) || !isSystemDescriptor(number)) {
    if (notOpen === undefined) throw osError('EBADF')
    return notOpen
  }
  throw osError(
    'EPERM',
    `Operation not permitted: ${number} is a descriptor of the system, which Node cannot wait on. Pass a socket or a stream`,
  )
}

function isSystemDescriptor(number: number): boolean {
  try {
    fstatSync(number)
    return true
  } catch {
    return false
  }
}
