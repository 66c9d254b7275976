import { type CooperativeIterator, isControlError, type Operation, type Suspension } from '@greenlit/core'
import { Call, checkOptions, Done } from '@greenlit/core/engine'
import { wholeNumber } from '../check-number.ts'
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
 * A response (requests: Response). Unless `stream` was set, its body has already been read: `content`, `text`, `json()`.
 *
 * @example
 * const page = yield* get(url)
 * page.raiseForStatus()
 * console.log(page.statusCode, page.headers.get('content-type'), page.text)
 */
export class Response {
  /** The status code, such as 200. */
  readonly statusCode: number
  /** The reason phrase, such as 'OK'. */
  readonly reason: string
  /** The request that this is the response to. */
  readonly request: PreparedRequest
  /** The URL that this response came from, after redirects. */
  readonly url: string
  /** The earlier responses of this request (redirects, challenges), oldest first. */
  history: Response[] = []
  /** Milliseconds from sending the request to receiving the head of this response. */
  elapsed = 0
  /** @internal Makes the request that a redirect leads to. */
  findNext: (() => PreparedRequest) | undefined = undefined
  /** @internal */
  readonly framing: Framing
  private readonly head: EngineResponse
  private readonly body: ResponseBody
  private dict: CaseInsensitiveDict | undefined = undefined
  private jar: CookieJar | undefined = undefined
  private responseText: ResponseText | undefined = undefined

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

  /** The headers: names match in any case, repeated lines are kept. */
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

  /**
   * The encoding that `text` is decoded from; assign to override it. Default: the one in the Content-Type header, if any. If
   * `undefined` is assigned, `text` is decoded from `apparentEncoding`.
   */
  get encoding(): string | undefined {
    return this.asText.encoding
  }

  set encoding(encoding: string | undefined) {
    this.asText.encoding = encoding
  }

  /** The request for the redirect's target, if redirects are not followed; `undefined` if this is no redirect (requests: next). */
  get next(): PreparedRequest | undefined {
    return this.findNext?.()
  }

  /** Whether the status is below 400. */
  get ok(): boolean {
    return this.statusCode < 400
  }

  /** Whether this is a redirect with a Location. */
  get isRedirect(): boolean {
    return this.framing.location !== undefined && REDIRECTS.has(this.statusCode)
  }

  /** Whether this is a permanent redirect (301 or 308) with a Location. */
  get isPermanentRedirect(): boolean {
    return this.framing.location !== undefined && (this.statusCode === 301 || this.statusCode === 308)
  }

  /** The links of the Link header, by relation, or else by URL. */
  get links(): Record<string, Link> {
    return parseLinks(this.headers.get('link') ?? '')
  }

  /**
   * The body.
   *
   * @throws {StreamConsumedError} if it is streamed and has not been read as a whole: `yield* response.read()` does that
   */
  get content(): Uint8Array {
    return this.body.content
  }

  /** The body as text, decoded from `encoding`, or else from the result of `sniffEncoding`. */
  get text(): string {
    return this.asText.text
  }

  /** The encoding according to the body alone: the one it declares, or else the one it looks like. */
  get apparentEncoding(): string {
    return this.asText.apparent
  }

  /** The encoding that a browser would use: byte order mark, header, declaration in the body, guess, in this order. */
  get sniffEncoding(): string {
    return this.asText.sniffed
  }

  /**
   * Parses the body as JSON.
   *
   * @throws {JSONDecodeError} if it is not valid JSON
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
   * Throws if the status is an error, 400 or above; does nothing otherwise.
   *
   * @throws {HTTPError} if the status is 400 or above
   */
  raiseForStatus(): void {
    if (this.statusCode < 400) return
    const kind = this.statusCode < 500 ? 'Client' : 'Server'
    throw new HTTPError(`${this.statusCode} ${kind} Error: ${this.reason} for url: ${this.url}`, {
      request: this.request,
      response: this,
    })
  }

  /**
   * Reads the whole body; `content` and `text` return it from then on. A kill or timeout closes the connection. One greenlet at a time
   * may read; another gets a `ConcurrentObjectUseError`.
   */
  read(): Operation<Uint8Array> {
    return new Call<[Response], Uint8Array>(readWhole, [this])
  }

  /**
   * Iterates over the body in pieces, with its content codings removed. Closing the iterator early, or a kill or timeout in `next`,
   * closes the connection: the rest is lost. One greenlet at a time may call `next`; another gets a `ConcurrentObjectUseError`.
   *
   * @param size the size of each piece but the last, in bytes; default: as received
   * @param options `decodeUnicode`: whether to yield text, decoded like that of `iterLines`. Default false
   * @throws {StreamConsumedError} if the stream was iterated before
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
    wholeNumber(size, 'size', Infinity, 1)
    const encoding = checkOptions(options).decodeUnicode ? this.asText.ofPieces : undefined
    const whole = this.body.pieces()
    const pieces = size === undefined || size === null ? whole : new ResizedPieces(whole, size)
    return encoding === undefined ? pieces : new TextPieces(pieces, encoding)
  }

  /** Same as `iterContent()`, for `each(response, ...)`. */
  iterate(): CooperativeIterator<Uint8Array> {
    return this.iterContent()
  }

  /** Same as `iterContent()`, for `for await` in plain code. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.iterContent()
  }

  /**
   * Iterates over the lines of the body, without their line ends, decoded like `text`; a streamed body that declares no encoding is
   * read as UTF-8.
   *
   * @param options `delimiter`: the line separator. Default: any line end
   * @throws {StreamConsumedError} if the body is a stream that was iterated before
   */
  iterLines(options?: { readonly delimiter?: string | undefined }): CooperativeIterator<string> {
    const dividing = checkDelimiter(checkOptions(options).delimiter)
    return new Lines(this.body.pieces(), this.asText.ofPieces, dividing)
  }

  /** Created on first use: most responses never need it. */
  private get asText(): ResponseText {
    this.responseText ??= new ResponseText(this, this.body)
    return this.responseText
  }

  /** @internal Sets the request and response of an error. */
  annotate(error: RequestException): void {
    error.request ??= this.request
    error.response ??= this
  }

  /**
   * Releases the connection immediately. The unread rest of the body is lost; a greenlet reading it fails with a `ConnectionError`.
   *
   * @returns an operation that completes without waiting
   */
  close(): Operation<undefined> {
    this.body.close()
    return new Done()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** @internal Releases the connection after an error. After a kill or timeout it is not reused, as reading the rest takes time. */
  abandon(error: unknown): void {
    if (isControlError(error)) this.body.destroy()
    else this.body.close()
  }

  /** @internal See `ResponseBody`. */
  tryLoad(): boolean {
    return this.body.tryLoad()
  }

  /** @internal */
  load(): Generator<Suspension, Uint8Array, unknown> {
    return this.body.load()
  }

  /** @internal */
  drain(): Generator<Suspension, void, unknown> {
    return this.body.drain()
  }

  toString(): string {
    return `<Response [${this.statusCode}]>`
  }

  /** Returns what is safe to log, as the errors do. */
  toJSON(): { readonly statusCode: number; readonly reason: string; readonly url: string } {
    const { statusCode, reason, url } = this
    return { statusCode, reason, url }
  }

  /** What is printed: the members hold cookies and logins. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

function readWhole(response: Response): Generator<Suspension, Uint8Array, unknown> {
  return response.load()
}
