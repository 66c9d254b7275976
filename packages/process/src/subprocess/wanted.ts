import type { HeldBytes } from './held-bytes.ts'
import type { TextCodec } from './text-codec.ts'

const NEWLINE = 10

/** What a read waits for: a number of bytes or a line. */
export interface Wanted {
  /** A cheap check whether it may have arrived. */
  mayBe(held: HeldBytes): boolean
  /** Its length in bytes; -1 if it has not arrived. */
  lengthIn(bytes: Buffer): number
}

/** Any number of bytes greater than 0. */
export const ANY: Wanted = {
  mayBe: ({ length }) => length > 0,
  lengthIn: ({ length }) => (length > 0 ? length : -1),
}

/** A fixed number of bytes. */
export function wantBytes(size: number): Wanted {
  return {
    mayBe: (held) => held.length >= size,
    lengthIn: ({ length }) => (length >= size ? size : -1),
  }
}

/**
 * A line, with its line end.
 *
 * @param hasEnded whether the input has ended: a final `\r` is then a complete line end
 */
export function wantLine(codec: TextCodec | undefined, hasEnded: () => boolean): Wanted {
  return {
    mayBe: (held) => held.mayEndLine(codec !== undefined),
    lengthIn: (bytes) => codec?.lineLength(bytes, hasEnded()) ?? (bytes.indexOf(NEWLINE) + 1 || -1),
  }
}
