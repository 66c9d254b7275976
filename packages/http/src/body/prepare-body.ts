import { show } from '@greenlit/core/engine'
import type { EngineBody } from '../engine/engine.ts'
import { InvalidHeader } from '../errors/invalid-header.ts'
import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { parseContentType } from '../headers/content-type.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { type Params, queryOf } from '../url/params.ts'
import { type BodyContent, type ContentSource, contentOf, isPieceIterable } from './body-content.ts'
import { BodyPieces } from './body-pieces.ts'
import { encodeJson } from './encode-json.ts'
import { encodeMultipart, type FileSpec, type Files, type FormField } from './multipart.ts'

/** A body: a form as an object, pairs or `FormData`; or a string, bytes, a Blob, or an iterable of pieces. */
export type BodyData = Params | FormData | ContentSource

/** The options for the body of a request. */
export interface BodyOptions {
  /** The body; takes precedence over `json` unless it is empty. */
  readonly data?: BodyData | null | undefined
  /** A value to send as JSON. */
  readonly json?: unknown
  /** Files, which make the body multipart; `data` is then its other fields. */
  readonly files?: Files | null | undefined
}

interface RequestWithBody {
  readonly method: string
  readonly headers: CaseInsensitiveDict
  content: EngineBody | undefined
}

interface DescribedBody {
  readonly content: BodyContent
  readonly contentType: string | undefined
}

/** The methods without `Content-Length: 0`; others declare that their body is empty (RFC 9110 section 8.6). */
const WITHOUT_LENGTH = new Set(['GET', 'HEAD'])

/**
 * Sets the body of a request and the headers that describe it (requests: prepare_body). A known length is sent as Content-Length, an
 * unknown one as chunked, never both. An existing Content-Type is kept, and its boundary, if any, separates the parts of a multipart
 * body.
 *
 * @throws {InvalidJSONError} for a value that JSON cannot represent; {TypeError} for a body of an unsupported type; {InvalidHeader}
 *   for a Content-Length that is not a number
 */
export function prepareBody(request: RequestWithBody, options: BodyOptions): void {
  const { headers } = request
  const described = describe(options, boundaryOf(headers.get('content-type')))
  if (described === undefined) {
    request.content = undefined
    // A lower-case name saves the dict from creating another string.
    headers.delete('transfer-encoding')
    if (WITHOUT_LENGTH.has(request.method)) headers.delete('content-length')
    else headers.set('Content-Length', '0')
    return
  }
  const { content, contentType } = described
  if (contentType !== undefined && !headers.has('Content-Type')) headers.set('Content-Type', contentType)
  const length = content.length ?? declaredLength(headers)
  if (length === undefined) {
    headers.delete('Content-Length')
    headers.set('Transfer-Encoding', 'chunked')
  } else {
    headers.delete('Transfer-Encoding')
    headers.set('Content-Length', String(length))
  }
  const [only] = content.parts
  if (content.parts.length <= 1 && (only === undefined || only instanceof Uint8Array)) {
    request.content = only ?? new Uint8Array()
  } else {
    request.content = { pieces: () => new BodyPieces(content.parts), length }
  }
}

function describe({ data, json, files }: BodyOptions, boundary: string | undefined): DescribedBody | undefined {
  if (files !== undefined && files !== null && (typeof files !== 'object' || isPromiseLike(files)))
    throw new TypeError(
      `Expected \`files\` to be an object, or pairs of a field's name and its file, got ${show(files)}`,
    )
  if (files !== undefined && files !== null && !isEmpty(files)) {
    const form = data === undefined || data === null ? [] : formEntries(data)
    return encodeMultipart(form.filter(isField), [...form.filter(isFile), ...pairsOf(files)], boundary)
  }
  if (data !== undefined && data !== null && !isEmpty(data)) return describeData(data, boundary)
  return json === undefined ? undefined : { content: contentOf(encodeJson(json))!, contentType: 'application/json' }
}

function describeData(data: BodyData, boundary: string | undefined): DescribedBody {
  if (data instanceof FormData) {
    const form = formEntries(data)
    return encodeMultipart(form.filter(isField), form.filter(isFile), boundary)
  }
  if (!isForm(data)) {
    const content = contentOf(data)
    if (content !== undefined) {
      return { content, contentType: data instanceof Blob && data.type !== '' ? data.type : undefined }
    }
  }
  if (typeof data !== 'object' || isPromiseLike(data) || typeof (data as { read?: unknown }).read === 'function') {
    throw new TypeError(
      `Expected \`data\` to be a form, text, bytes, or an iterable or stream of them, got ${show(data)}`,
    )
  }
  const form = queryOf(data as Params, 'data')
  return { content: contentOf(form)!, contentType: 'application/x-www-form-urlencoded' }
}

/** The boundary in a Content-Type that was set explicitly; `undefined` without one that is valid (RFC 2046 section 5.1.1). */
function boundaryOf(contentType: string | undefined): string | undefined {
  const boundary = contentType === undefined ? undefined : parseContentType(contentType).params.boundary
  return typeof boundary === 'string' && /^[\w'()+,./:=?-]{1,70}$/.test(boundary) ? boundary : undefined
}

/** Arrays, maps and `URLSearchParams` are pairs of a form, although they are iterable too. */
function isForm(data: BodyData): boolean {
  return Array.isArray(data) || data instanceof Map || data instanceof URLSearchParams
}

function isEmpty(value: object | string): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length === 0
  if (value instanceof Map || value instanceof URLSearchParams) return value.size === 0
  if (isPieceIterable(value)) return false
  return Object.getPrototypeOf(value) === Object.prototype && Object.keys(value).length === 0
}

function formEntries(data: BodyData): (readonly [string, string | Uint8Array | File])[] {
  if (data instanceof FormData) return [...data.entries()]
  if (typeof data !== 'object' || (!isForm(data) && contentOf(data) !== undefined)) {
    throw new TypeError(`Expected \`data\` to be an object or pairs where there are files, got ${show(data)}`)
  }
  const fields: FormField[] = []
  for (const [name, value] of pairsOf(data as Exclude<Params, string | Uint8Array>)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) fields.push([name, one instanceof Uint8Array ? one : String(one)])
    }
  }
  return fields
}

function isField(entry: readonly [string, string | Uint8Array | File]): entry is FormField {
  return !(entry[1] instanceof Blob)
}

function isFile(entry: readonly [string, string | Uint8Array | File]): entry is readonly [string, File & FileSpec] {
  return entry[1] instanceof Blob
}

function pairsOf<Value>(
  form: Iterable<readonly [string, Value]> | Readonly<Record<string, Value>>,
): Iterable<readonly [string, Value]> {
  return Symbol.iterator in form ? form : Object.entries(form)
}

function declaredLength(headers: CaseInsensitiveDict): number | undefined {
  const declared = headers.get('Content-Length')
  if (declared === undefined) return undefined
  if (!/^\d{1,15}$/.test(declared))
    throw new InvalidHeader('Expected the header `Content-Length` to be a number of bytes')
  return Number(declared)
}
