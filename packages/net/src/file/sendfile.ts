import { read as readDescriptor } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type Coroutine, fromCallback, until } from '@greenlit/core'
import { show, type TimeLimit } from '@greenlit/core/engine'
import { fromNode } from '../errors/make.ts'
import { Sendall } from '../stream/sending.ts'
import { type FileOwner, SocketFile } from './socket-file.ts'

/** An open file from `node:fs/promises`, or the view of one that `green` returns. */
export interface OpenFile {
  readonly fd: number
  read(...args: never[]): unknown
}

/** A file to send: a path, an open file, or a system file descriptor. */
export type SendableFile = string | URL | OpenFile | number

/** Which part of a file to send. */
export interface SendfileOptions {
  /** Where to start, in bytes from 0. Default: the file's current position, which then advances. */
  offset?: number | undefined
  /** The maximum number of bytes to send, at least 1. Default: to the end of the file. */
  count?: number | undefined
  /** How long the whole call may block, in milliseconds from 0 up. Default: the socket's timeout applies to each part. */
  timeout?: TimeLimit
}

const CHUNK = 256 * 1024

/** Reads at a position, or at the file's current one (`null`); returns the number of bytes read. */
type Read = (buffer: Buffer, size: number, position: number | null) => Coroutine<number>

/** Validates a file up front. */
export function checkFile(file: unknown): SendableFile {
  if (file instanceof SocketFile || isText(file)) throw new RangeError('file should be opened in binary mode')
  if (typeof file === 'string' || file instanceof URL) return file
  if (typeof file === 'number' && Number.isInteger(file) && file >= 0) return file
  // A stream may have both members of an open file, but its `read` does something else.
  const isOpenFile = typeof file === 'object' && file !== null && 'fd' in file && 'read' in file && !('pipe' in file)
  if (isOpenFile) return file as OpenFile
  throw new TypeError(`Expected \`file\` to be a path, a FileHandle or a file descriptor, got ${show(file)}`)
}

function isText(file: unknown): boolean {
  if (typeof file !== 'object' || file === null) return false
  return 'encoding' in file || ('readableEncoding' in file && file.readableEncoding !== null)
}

/** Validates which part of a file to send. */
export function checkPart(offset: unknown, count: unknown): SendfileOptions {
  if (offset !== undefined && (typeof offset !== 'number' || !Number.isInteger(offset))) {
    throw new TypeError(`Expected \`offset\` to be a whole number of bytes, got ${show(offset)}`)
  }
  if (offset !== undefined && offset < 0) {
    throw new RangeError(`Expected \`offset\` to be a whole number from 0 up, got ${offset}`)
  }
  if (count !== undefined && (typeof count !== 'number' || !Number.isInteger(count))) {
    throw new TypeError(`count must be a positive integer (got ${show(count)})`)
  }
  if (count !== undefined && count <= 0) throw new RangeError(`count must be a positive integer (got ${count})`)
  return { ...(offset === undefined ? {} : { offset }), ...(count === undefined ? {} : { count }) }
}

/** Implements `Socket.sendfile`. */
export function* sendfile(owner: FileOwner, file: SendableFile, part: SendfileOptions): Coroutine<number> {
  if (owner.timeoutValue === 0) throw new RangeError('non-blocking sockets are not supported')
  owner.connected('EPIPE').checkSending()
  if (typeof file === 'number') return yield* sendFrom(owner, descriptorReader(file), part)
  if (typeof file === 'object' && !(file instanceof URL))
    return yield* sendFrom(owner, handleReader(file as FileHandle), part)
  const handle = yield* openFile(file)
  try {
    return yield* sendFrom(owner, handleReader(handle), part)
  } finally {
    // Not awaited: closing waits for a read that a kill may have left in progress.
    handle.close().catch(() => {})
  }
}

function* sendFrom(owner: FileOwner, read: Read, { offset, count = Infinity }: SendfileOptions): Coroutine<number> {
  // Two alternating buffers: a chunk is never read into memory that may still be being sent.
  const buffers = [Buffer.allocUnsafeSlow(CHUNK), Buffer.allocUnsafeSlow(CHUNK)]
  let sent = 0
  for (let turn = 0; sent < count; turn ^= 1) {
    const buffer = buffers[turn]!
    const size = yield* read(buffer, Math.min(CHUNK, count - sent), offset === undefined ? null : offset + sent)
    if (size === 0) break
    yield* new Sendall(owner, buffer.subarray(0, size), undefined)
    sent += size
  }
  return sent
}

function* openFile(path: string | URL): Coroutine<FileHandle> {
  const opening = open(path, 'r')
  try {
    return yield* until(opening)
  } catch (error) {
    // After a kill the file is still being opened: close it as soon as it is.
    opening.then(
      (handle) => handle.close(),
      () => {},
    )
    throw systemError(error)
  }
}

function handleReader(handle: FileHandle): Read {
  return function* (buffer, size, position) {
    try {
      return (yield* until(handle.read(buffer, 0, size, position))).bytesRead
    } catch (error) {
      throw systemError(error)
    }
  }
}

function descriptorReader(descriptor: number): Read {
  return function* (buffer, size, position) {
    return yield* fromCallback<number>((resume) => {
      readDescriptor(descriptor, buffer, 0, size, position, (error, read) => {
        resume(error === null ? undefined : fromNode(error), read)
      })
    })
  }
}

/** Translates a system error to Python's; a kill or a timeout is returned unchanged. */
function systemError(error: unknown): unknown {
  return typeof (error as { syscall?: unknown } | null)?.syscall === 'string' ? fromNode(error) : error
}
