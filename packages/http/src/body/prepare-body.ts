import { show } from '@greenlit/core/engine'
import { InvalidJSONError } from '../errors/invalid-json-error.ts'
import { type Params, queryOf } from '../url/params.ts'
import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import type { EngineBody } from '../engine/engine.ts'

/** What a form is made of, or the bytes or text of a body. */
export type FormData = Params | Uint8Array | ArrayBuffer

interface Bodied {
  readonly method: string
  readonly headers: CaseInsensitiveDict
  content: EngineBody | undefined
}

const WITHOUT_LENGTH = new Set(['GET', 'HEAD'])

/** Gives a request its body and the headers that describe it; `data` wins over `json` (requests: prepare_body). */
export function prepareBody(request: Bodied, data: FormData | undefined, json: unknown): void {
  const { headers } = request
  if (data !== undefined && data !== null) {
    request.content = bytesOf(data)
    const isForm = typeof data !== 'string' && !(data instanceof Uint8Array) && !(data instanceof ArrayBuffer)
    if (isForm && !headers.has('Content-Type')) headers.set('Content-Type', 'application/x-www-form-urlencoded')
  } else if (json !== undefined) {
    request.content = Buffer.from(stringify(json))
    if (!headers.has('Content-Type')) headers.set('Content-Type', 'application/json')
  }
  if (request.content instanceof Uint8Array) headers.set('Content-Length', String(request.content.length))
  else if (request.content === undefined && !WITHOUT_LENGTH.has(request.method) && !headers.has('Content-Length')) headers.set('Content-Length', '0')
}

function bytesOf(data: FormData): Uint8Array {
  if (data instanceof Uint8Array) return data
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  if (typeof data === 'string') return Buffer.from(data)
  if (typeof data !== 'object') throw new TypeError(`Expected \`data\` to be text, bytes or a form, got ${show(data)}`)
  return Buffer.from(queryOf(data))
}

function stringify(json: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(json, (_key, value: unknown) => {
      if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} has no form in JSON`)
      return value
    })
  } catch (cause) {
    throw new InvalidJSONError(`Expected \`json\` to be what JSON can say: ${(cause as Error).message}`, { cause })
  }
  if (text === undefined) throw new InvalidJSONError(`Expected \`json\` to be what JSON can say, got ${show(json)}`)
  return text
}
