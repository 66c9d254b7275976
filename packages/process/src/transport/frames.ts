import type { TextPayload } from '../codec/payload.ts'
import { headerFrom, headerText } from './headers.ts'
import type { Header } from './transport.ts'

/** Stands between a header and its payload. In JSON neither this nor the end of a frame can occur: it escapes both. */
const PAYLOAD = '\u0001'
/** Stands behind each frame. */
const END = '\n'

/** The first byte of a frame of text: a header is an array. */
export const TEXT_FRAME: number = '['.charCodeAt(0)
/** The last byte of a frame of text. */
export const FRAME_END: number = END.charCodeAt(0)

/** A message without bytes as a frame of text. */
export function textFrame(header: Header, payload: TextPayload | undefined): string {
  const text = headerText(header)
  return payload === undefined ? text + END : text + PAYLOAD + payload.text + END
}

/** Takes frames of text apart, one after the other. */
export function readTextFrames(
  frames: string,
  onMessage: (header: Header, payload: TextPayload | undefined) => void,
): void {
  for (let start = 0; start < frames.length; ) {
    const end = frames.indexOf(END, start)
    const frame = frames.slice(start, end)
    start = end + 1
    const split = frame.indexOf(PAYLOAD)
    if (split < 0) onMessage(headerFrom(frame), undefined)
    else onMessage(headerFrom(frame.slice(0, split)), { text: frame.slice(split + 1) })
  }
}
