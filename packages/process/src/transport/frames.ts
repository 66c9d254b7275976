import type { TextPayload } from '../codec/payload.ts'
import { headerIn, headerText } from './headers.ts'
import type { Header } from './transport.ts'

/** Separates a header from its payload. JSON escapes control characters, so neither this nor `END` can occur in either. */
const PAYLOAD = '\u0001'
/** Ends each text frame. */
const END = '\n'
/** The first character that JSON does not escape. */
const SPACE = 32

/** The first byte of a text frame: a header is an array. */
export const TEXT_FRAME: number = '['.charCodeAt(0)
/** The last byte of a text frame. */
export const FRAME_END: number = END.charCodeAt(0)

/** Encodes a message without bytes as a text frame. */
export function textFrame(header: Header, payload: TextPayload | undefined): string {
  const text = headerText(header)
  return payload === undefined ? text + END : text + PAYLOAD + payload.text + END
}

/** Decodes a sequence of text frames. */
export function readTextFrames(
  frames: string,
  onMessage: (header: Header, payload: TextPayload | undefined) => void,
): void {
  for (let start = 0; start < frames.length; ) {
    let end = start
    while (frames.charCodeAt(end) >= SPACE) end += 1
    const header = headerIn(frames, start, end)
    if (frames.charCodeAt(end) === FRAME_END) {
      start = end + 1
      onMessage(header, undefined)
    } else {
      start = frames.indexOf(END, end) + 1
      onMessage(header, { text: frames.slice(end + 1, start - 1) })
    }
  }
}
