import type { CooperativeIterator, Operation, Suspension } from '@greenlit/core'
import { Call, checkOptions, Done, show } from '@greenlit/core/engine'
import { CookieJar } from '../cookies/cookie-jar.ts'
import type { EngineResponse, Limits } from '../engine/engine.ts'
import { type Framing, framingOf } from '../engine/framing.ts'
import { HTTPError } from '../errors/http-error.ts'
import { JSONDecodeError } from '../errors/json-decode-error.ts'
import type { RequestException } from '../errors/request-exception.ts'
import { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { type Link, parseLinks } from '../headers/links.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { jsonErrorPosition } from './json-text.ts'
import { checkDelimiter, Lines } from './lines.ts'
import { ResizedPieces } from './resized-pieces.ts'
import { ResponseBody } from './response-body.ts'
import { ResponseText } from './response-text.ts'
import { TextPieces } from './text-pieces.ts'

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * A response (requests: Response). Unless it was asked for as a stream its body is here already: `content`, `text`, `json()`.
 *
 * @example
 * const page = yield* get(url)
 * page.raiseForStatus()
 * console.log(page.statusCode, page.headers.get('content-type'), page.text)
 */
export class Response {
  /** The status, as 200. */
  readonly statusCode: number
  /** The words beside the status, as 'OK'. */
  readonly reason: string
  /** The request that this answers. */
  readonly request: PreparedRequest
  /** The URL that answered, after redirects. */
  readonly url: string
  /** The responses that led here, oldest first. */
  history: Response[] = []
  /** Milliseconds from sending the request to the head of this response. */
  elapsed = 0
  /** @internal Makes the request that a redirect leads to. */
  findNext: (() => PreparedRequest) | undefined = undefined
  /** @internal */
  readonly framing: Framing
  private readonly head: EngineResponse
  private readonly body: ResponseBody
  private dict: CaseInsensitiveDict | undefined = undefined
  private jar: CookieJar | undefined = undefined
  private made: ResponseText | undefined = undefined

  /** @internal */
  constructor(head: EngineResponse, request: PreparedRequest, limits: Limits, maxSize: number) {
    this.statusCode = head.statusCode
    this.reason = head.reason
    this.head = head
    this.framing = head.framing ?? framingOf(head.rawHeaders)
    this.request = request
    this.url = request.url
    this.body = new ResponseBody(head.body, this, limits, maxSize)
  }

  /** Its headers: names in any case, every line kept. */
  get headers(): CaseInsensitiveDict {
    this.dict ??= CaseInsensitiveDict.fromRaw(this.head.rawHeaders)
    return this.dict
  }

  /** The cookies that this response set. */
  get cookies(): CookieJar {
    if (this.jar === undefined) {
      this.jar = new CookieJar()
      this.jar.extract(this.framing.setCookies, this.request.target)
    }
    return this.jar
  }

  /** What the text is decoded from; set it to choose. Default: what the Content-Type header says, if it says. */
  get encoding(): string | undefined {
    return this.asText.encoding
  }

  set encoding(encoding: string | undefined) {
    this.asText.encoding = encoding
  }

  /** The request that this redirect leads to, if redirects are not followed; `undefined` if it leads nowhere (requests: next). */
  get next(): PreparedRequest | undefined {
    return this.findNext?.()
  }

  /** Whether the status is below 400. */
  get ok(): boolean {
    return this.statusCode < 400
  }

  /** Whether this leads elsewhere. */
  get isRedirect(): boolean {
    return this.framing.location !== undefined && REDIRECTS.has(this.statusCode)
  }

  /** Whether this leads elsewhere for good. */
  get isPermanentRedirect(): boolean {
    return this.framing.location !== undefined && (this.statusCode === 301 || this.statusCode === 308)
  }

  /** The links of the Link header, by their relation, or else by their URL. */
  get links(): Record<string, Link> {
    return parseLinks(this.headers.get('link') ?? '')
  }

  /**
   * The body.
   *
   * @throws {StreamConsumedError} if it is a stream that has not been read whole: `yield* response.read()` does that
   */
  get content(): Uint8Array {
    return this.body.content
  }

  /** The body as text, decoded from `encoding`, or else from what `sniffEncoding` finds. */
  get text(): string {
    return this.asText.text
  }

  /** What the bytes themselves say they are encoded in: their own declaration first, then what they look like. */
  get apparentEncoding(): string {
    return this.asText.apparent
  }

  /** What a browser takes them to be encoded in: byte order mark, header, declaration, looks, in this order. */
  get sniffEncoding(): string {
    return this.asText.sniffed
  }

  /**
   * The body as JSON.
   *
   * @throws {JSONDecodeError} if it is none
   */
  json<T = unknown>(): T {
    const text = this.asText.ofJson
    try {
      return JSON.parse(text) as T
    } catch (cause) {
      throw new JSONDecodeError(`Expected JSON from ${this.url}`, {
        cause,
        request: this.request,
        response: this,
        text,
        position: jsonErrorPosition(text),
      })
    }
  }

  /**
   * Does nothing if the status is below 400.
   *
   * @throws {HTTPError} if it is not
   */
  raiseForStatus(): void {
    if (this.statusCode < 400) return
    const kind = this.statusCode < 500 ? 'Client' : 'Server'
    throw new HTTPError(`${this.statusCode} ${kind} Error: ${this.reason} for url: ${this.url}`, {
      request: this.request,
      response: this,
    })
  }

  /** Reads what is left of the body; `content` and `text` give it from then on. A kill or timeout closes the connection. */
  read(): Operation<Uint8Array> {
    return new Call<[Response], Uint8Array>(readWhole, [this])
  }

  /**
   * The body in pieces, decoded from its codings. A kill or timeout in `next`, as closing, ends the connection: the rest is lost.
   * One greenlet at a time may ask for a piece: another gets a `ConcurrentObjectUseError`.
   *
   * @param size how many bytes each has, but for the last; default: as they come
   * @param options `decodeUnicode`: whether they come as text, decoded as those of `iterLines` are. Default false
   * @throws {StreamConsumedError} if it was iterated before
   */
  iterContent(
    size?: number | undefined,
    options?: { readonly decodeUnicode?: false | undefined },
  ): CooperativeIterator<Uint8Array>
  iterContent(size: number | undefined, options: { readonly decodeUnicode: true }): CooperativeIterator<string>
  iterContent(
    size?: number | undefined,
    options?: { readonly decodeUnicode?: boolean | undefined },
  ): CooperativeIterator<Uint8Array> | CooperativeIterator<string> {
    if (size !== undefined && size !== null && size !== Infinity && !(Number.isInteger(size) && size > 0)) {
      throw new TypeError(`Expected \`size\` to be a whole number of bytes above 0 or undefined, got ${show(size)}`)
    }
    const encoding = checkOptions(options).decodeUnicode ? this.asText.ofPieces : undefined
    const whole = this.body.pieces()
    const pieces = size === undefined || size === null ? whole : new ResizedPieces(whole, size)
    return encoding === undefined ? pieces : new TextPieces(pieces, encoding)
  }

  /** As `iterContent()`, for `each(response, ...)`. */
  iterate(): CooperativeIterator<Uint8Array> {
    return this.iterContent()
  }

  /**
   * The lines of the body, without their ends, decoded as `text` would be; a streamed body that names no encoding is taken for UTF-8.
   *
   * @param options `delimiter`: what divides them. Default: any line end
   * @throws {StreamConsumedError} if it is a stream that was iterated before
   */
  iterLines(options?: { readonly delimiter?: string | undefined }): CooperativeIterator<string> {
    const dividing = checkDelimiter(checkOptions(options).delimiter)
    return new Lines(this.body.pieces(), this.asText.ofPieces, dividing)
  }

  /** Made once someone asks for text: most of it is about that alone. */
  private get asText(): ResponseText {
    this.made ??= new ResponseText(this, this.body)
    return this.made
  }

  /** @internal */
  claim(error: RequestException): void {
    error.request ??= this.request
    error.response ??= this
  }

  /**
   * Frees the connection, at once; a body that was not read whole is lost, and a greenlet that reads it fails with a `ConnectionError`.
   *
   * @returns an operation with nothing to wait for
   */
  close(): Operation<undefined> {
    this.body.close()
    return new Done()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** @internal See `ResponseBody`. */
  loadNow(): boolean {
    return this.body.loadNow()
  }

  /** @internal */
  load(): Generator<Suspension, Uint8Array, unknown> {
    return this.body.load()
  }

  /** @internal */
  leave(): Generator<Suspension, void, unknown> {
    return this.body.leave()
  }

  toString(): string {
    return `<Response [${this.statusCode}]>`
  }
}

function readWhole(response: Response): Generator<Suspension, Uint8Array, unknown> {
  return response.load()
}
