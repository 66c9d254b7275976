import type { HeldBytes } from './held-bytes.ts'
import type { TextCodec } from './text-codec.ts'

const NEWLINE = 10

/** What a read waits for. */
export interface Wanted {
  /** Whether it may have come, which is quick to tell. */
  mayBe(held: HeldBytes): boolean
  /** How many bytes it has; -1 if it has not come. */
  lengthIn(bytes: Buffer): number
}

/** Whatever has come. */
export const ANY: Wanted = {
  mayBe: ({ length }) => length > 0,
  lengthIn: ({ length }) => (length > 0 ? length : -1),
}

/** So many bytes. */
export function wantBytes(size: number): Wanted {
  return {
    mayBe: (held) => held.length >= size,
    lengthIn: ({ length }) => (length >= size ? size : -1),
  }
}

/**
 * A line, with its line end.
 *
 * @param hasEnded whether nothing more comes: then a line end that might have gone on is whole
 */
export function wantLine(codec: TextCodec | undefined, hasEnded: () => boolean): Wanted {
  return {
    mayBe: (held) => held.mayEndLine(codec !== undefined),
    lengthIn: (bytes) => codec?.lineLength(bytes, hasEnded()) ?? (bytes.indexOf(NEWLINE) + 1 || -1),
  }
}
