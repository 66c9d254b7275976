import { createReadStream, ReadStream, statSync } from 'node:fs'
import { UnrewindableBodyError } from '../errors/unrewindable-body-error.ts'

/**
 * A source of a body's pieces, each bytes or text. A generator object or a stream can be sent once; what makes a new iterator each time,
 * or the stream of a file that has a path, again.
 */
export type PieceIterable = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>

/** A stretch of a body: bytes that are there, or pieces that come. */
export type BodyPart = Uint8Array | (() => PieceIterable)

/** What a body is sent from, and its length in bytes if that is known. */
export interface BodyContent {
  readonly parts: readonly BodyPart[]
  readonly length: number | undefined
}

/** What one stretch of a body can be made of. */
export type ContentSource = Uint8Array | ArrayBuffer | DataView | string | Blob | PieceIterable

/**
 * Bytes of text, a buffer or a view; `undefined` for what is none of these.
 *
 * @throws {TypeError} for a view whose buffer was transferred away
 */
export function bytesOf(source: unknown): Uint8Array | undefined {
  if (typeof source === 'string') return Buffer.from(source)
  // A view whose buffer is gone looks empty, and the client of Node throws at it where nobody can catch: making one anew fails here.
  if (source instanceof Uint8Array && source.length > 0) return source
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  return source instanceof ArrayBuffer ? new Uint8Array(source) : undefined
}

/** Content from whatever holds it; `undefined` for what holds none. */
export function contentOf(source: unknown): BodyContent | undefined {
  const bytes = bytesOf(source)
  if (bytes !== undefined) return { parts: [bytes], length: bytes.length }
  if (source instanceof Blob) return { parts: [() => source.stream() as unknown as PieceIterable], length: source.size }
  if (isPieceIterable(source)) return { parts: [rewinding(source)], length: fileLength(source) }
  return undefined
}

/** How long a stream of a whole file is (requests: super_len). */
function fileLength(source: PieceIterable): number | undefined {
  if (!(source instanceof ReadStream) || typeof source.path !== 'string' || source.bytesRead > 0) return undefined
  const { start, end } = source as { start?: number; end?: number }
  if (start !== undefined || (end !== undefined && end !== Infinity)) return undefined
  const file = statSync(source.path, { throwIfNoEntry: false })
  return file?.isFile() ? file.size : undefined
}

export function isPieceIterable(source: unknown): source is PieceIterable {
  return typeof source === 'object' && source !== null && (Symbol.asyncIterator in source || Symbol.iterator in source)
}

/** One after another, with the stretches of bytes between streams joined. */
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

/** Opens the file of a stream again, as requests rewinds files; `undefined` if there is no way back to where the stream stands. */
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
