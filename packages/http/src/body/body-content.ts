import { createReadStream, ReadStream, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import type { CooperativeIterator, Suspension } from '@greenlit/core'
import { UnrewindableBodyError } from '../errors/unrewindable-body-error.ts'
import { isPromiseLike } from '../is-promise-like.ts'

/**
 * A source of a body's pieces, each bytes or a string. A generator may block (`yield*`) between its pieces. A generator object or a
 * stream can be sent only once. An iterable that creates a new iterator each time, or the stream of a file with a path, can be sent
 * again. A `Response` is one too: its body is sent as it is received.
 */
export type PieceIterable =
  | Iterable<Uint8Array | string | Suspension>
  | AsyncIterable<Uint8Array | string>
  | { iterate(): CooperativeIterator<Uint8Array | string> }

/** A part of a body: bytes in memory, or a function that opens a source of pieces. */
export type BodyPart = Uint8Array | (() => PieceIterable)

/** The parts of a body, and its length in bytes if known. */
export interface BodyContent {
  readonly parts: readonly BodyPart[]
  readonly length: number | undefined
}

/** The values that one part of a body can be created from. */
export type ContentSource = Uint8Array | ArrayBuffer | DataView | string | Blob | PieceIterable

/**
 * Returns the bytes of a string, a buffer or a view; `undefined` for any other value.
 *
 * @throws {TypeError} for a view whose buffer was transferred
 */
export function bytesOf(source: unknown): Uint8Array | undefined {
  if (typeof source === 'string') return Buffer.from(source)
  // A view of a transferred buffer looks empty, and makes Node's client throw where nobody can catch it: a new view throws here.
  if (source instanceof Uint8Array && source.length > 0) return source
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  return source instanceof ArrayBuffer ? new Uint8Array(source) : undefined
}

/** Creates the content of a body from a value; `undefined` for an unsupported one. */
export function contentOf(source: unknown): BodyContent | undefined {
  const bytes = bytesOf(source)
  if (bytes !== undefined) return { parts: [bytes], length: bytes.length }
  if (source instanceof Blob) return { parts: [() => source.stream() as unknown as PieceIterable], length: source.size }
  if (!isPieceIterable(source)) return undefined
  // A file that cannot be opened may say so before it is read: without a listener that would end the program.
  if (source instanceof Readable) source.once('error', () => {})
  return { parts: [rewinding(source)], length: fileLength(source) }
}

/** The length of a stream that reads a whole file; `undefined` for any other source (requests: super_len). */
function fileLength(source: PieceIterable): number | undefined {
  if (!(source instanceof ReadStream) || typeof source.path !== 'string' || source.bytesRead > 0) return undefined
  // Text is sent as UTF-8, whatever the file is in.
  if (source.readableEncoding !== null) return undefined
  const { start, end } = source as { start?: number; end?: number }
  if (start !== undefined || (end !== undefined && end !== Infinity)) return undefined
  const file = statSync(source.path, { throwIfNoEntry: false })
  return file?.isFile() ? file.size : undefined
}

/** Operations and greenlets are no source of pieces: their iterators are for waiting. */
export function isPieceIterable(source: unknown): source is PieceIterable {
  if (typeof source !== 'object' || source === null || isPromiseLike(source)) return false
  return Symbol.asyncIterator in source || Symbol.iterator in source || 'iterate' in source
}

/** Concatenates contents; adjacent parts in memory are joined. */
export function joinContents(contents: readonly BodyContent[]): BodyContent {
  const parts: BodyPart[] = []
  let bytes: Uint8Array[] = []
  let length: number | undefined = 0
  const flush = (): void => {
    if (bytes.length > 0) parts.push(Buffer.concat(bytes))
    bytes = []
  }
  for (const content of contents) {
    length = length === undefined || content.length === undefined ? undefined : length + content.length
    for (const part of content.parts) {
      if (part instanceof Uint8Array) {
        bytes.push(part)
      } else {
        flush()
        parts.push(part)
      }
    }
  }
  flush()
  return { parts, length }
}

function rewinding(source: PieceIterable): () => PieceIterable {
  const isOnce = isIterator(source) || isReadableStream(source)
  const reopen = reopening(source)
  let used = false
  return () => {
    if (used && reopen !== undefined) return reopen()
    if (used && isOnce) {
      throw new UnrewindableBodyError(
        'The body was read from an iterator, which cannot start over: give an iterable that can',
      )
    }
    used = true
    return source
  }
}

/** Returns a function that reopens the file of a stream, as requests rewinds files; `undefined` if that is not possible. */
function reopening(source: PieceIterable): (() => PieceIterable) | undefined {
  if (!(source instanceof ReadStream) || typeof source.path !== 'string' || source.bytesRead > 0) return undefined
  const { path, readableEncoding } = source
  const { start, end } = source as { start?: number; end?: number }
  const range = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) }
  return () => createReadStream(path, { ...range, encoding: readableEncoding ?? undefined })
}

function isIterator(source: object): boolean {
  return 'next' in source && typeof source.next === 'function'
}

function isReadableStream(source: object): boolean {
  return 'getReader' in source || ('read' in source && 'pipe' in source)
}
