import type { EngineResponse } from '../engine/engine.ts'
import type { Framing } from '../engine/framing.ts'
import type { IncomingBody } from '../engine/incoming-body.ts'
import { trimWhitespace } from '../headers/trim-whitespace.ts'

/** The head of a response. Its headers are split only when they are asked for. */
export class NativeHead implements EngineResponse {
  readonly statusCode: number
  readonly reason: string
  readonly framing: Framing
  readonly body: IncomingBody
  private readonly lines: string

  /** @param lines the header lines, each with its CR LF */
  constructor(statusCode: number, reason: string, lines: string, framing: Framing, body: IncomingBody) {
    this.statusCode = statusCode
    this.reason = reason
    this.lines = lines
    this.framing = framing
    this.body = body
  }

  get rawHeaders(): readonly string[] {
    return rawHeadersOf(this.lines)
  }
}

/** Splits header lines into alternating names and values. */
export function rawHeadersOf(lines: string): string[] {
  const raw: string[] = []
  let at = 0
  while (at < lines.length) {
    const colon = lines.indexOf(':', at)
    const end = lines.indexOf('\r\n', colon)
    raw.push(lines.slice(at, colon), trimWhitespace(lines.slice(colon + 1, end)))
    at = end + 2
  }
  return raw
}
