import type { ReadBuffer } from './read-buffer.ts'
import type { TextCodec } from './text-codec.ts'

const NEWLINE = 10

/** What a read waits for: a number of bytes or a line. */
export interface ReadCondition {
  /** A cheap check whether it may have arrived. */
  mayHold(buffer: ReadBuffer): boolean
  /** Its length in bytes; -1 if it has not arrived. */
  lengthIn(bytes: Buffer): number
}

/** Any number of bytes greater than 0. */
export const ANY_DATA: ReadCondition = {
  mayHold: ({ length }) => length > 0,
  lengthIn: ({ length }) => (length > 0 ? length : -1),
}

/** A fixed number of bytes. */
export function byteCount(size: number): ReadCondition {
  return {
    mayHold: (buffer) => buffer.length >= size,
    lengthIn: ({ length }) => (length >= size ? size : -1),
  }
}

/** What another condition waits for, but no more than so many bytes of it. */
export function upTo(size: number, condition: ReadCondition): ReadCondition {
  if (size === Infinity) return condition
  return {
    mayHold: (buffer) => buffer.length >= size || condition.mayHold(buffer),
    lengthIn: (bytes) => {
      const length = condition.lengthIn(bytes)
      if (length < 0) return bytes.length >= size ? size : -1
      return Math.min(length, size)
    },
  }
}

/**
 * A line, with its line end.
 *
 * @param hasEnded whether the input has ended: a final `\r` is then a complete line end
 */
export function wholeLine(codec: TextCodec | undefined, hasEnded: () => boolean): ReadCondition {
  return {
    mayHold: (buffer) => buffer.mayEndLine(codec !== undefined),
    lengthIn: (bytes) => codec?.lineLength(bytes, hasEnded()) ?? (bytes.indexOf(NEWLINE) + 1 || -1),
  }
}
