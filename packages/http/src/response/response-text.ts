import { show } from '@greenlit/core/engine'
import { apparentEncoding, decode, encodingFromContentType, sniffEncoding } from '../encoding/encoding.ts'
import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { charsetOf } from '../headers/content-type.ts'
import { jsonText } from './json-text.ts'
import type { ResponseBody } from './response-body.ts'

/** The response that the text belongs to. */
export interface TextOwner {
  readonly headers: CaseInsensitiveDict
}

/** The body of a response as text, and the encoding it is decoded from. */
export class ResponseText {
  private readonly owner: TextOwner
  private readonly body: ResponseBody
  /** The encoding set by the user, `undefined` for none; `null`: not set, the Content-Type header decides. */
  private chosen: string | null | undefined = null
  private decoded: { encoding: string; text: string } | undefined = undefined
  /** What was found out about the bytes, which each access to the text asks for again. */
  private looksLike: string | undefined = undefined
  private guess: { contentType: string | undefined; encoding: string } | undefined = undefined

  constructor(owner: TextOwner, body: ResponseBody) {
    this.owner = owner
    this.body = body
  }

  /** The encoding set by the user, or else the one in the Content-Type header, if any. */
  get encoding(): string | undefined {
    return this.chosen === null ? encodingFromContentType(this.contentType) : this.chosen
  }

  set encoding(encoding: string | undefined) {
    if (encoding !== undefined && encoding !== null && typeof encoding !== 'string') {
      throw new TypeError(`Expected \`encoding\` to be a string or undefined, got ${show(encoding)}`)
    }
    this.chosen = encoding ?? undefined
  }

  get text(): string {
    const encoding = this.encoding ?? this.guessed
    if (this.decoded?.encoding !== encoding) this.decoded = { encoding, text: decode(this.body.content, encoding) }
    return this.decoded.text
  }

  /** The encoding that the bytes themselves declare or look like. */
  get apparent(): string {
    return (this.looksLike ??= apparentEncoding(this.body.content))
  }

  /** The encoding that a browser would use. */
  get sniffed(): string {
    const { contentType } = this
    if (this.guess === undefined || this.guess.contentType !== contentType) {
      this.guess = { contentType, encoding: sniffEncoding(this.body.content, contentType) }
    }
    return this.guess.encoding
  }

  /** The encoding in place of an unknown one. Who sets none does not want the header's either (requests: Response.text). */
  private get guessed(): string {
    return this.chosen === undefined ? this.apparent : this.sniffed
  }

  /** The encoding for a streamed body: nothing can be guessed from bytes that have not been received. */
  get ofPieces(): string {
    return this.encoding ?? (this.body.bytes === undefined ? 'utf-8' : this.guessed)
  }

  /** The text for JSON: an undeclared encoding is one of JSON's own, and guessed only if the bytes are valid in none of those. */
  get ofJson(): string {
    const isDeclared = this.chosen !== null || charsetOf(this.contentType) !== undefined
    const text = isDeclared && this.encoding !== undefined ? this.text : jsonText(this.body.content)
    return text.replace(/^\uFEFF/, '')
  }

  private get contentType(): string | undefined {
    return this.owner.headers.get('content-type')
  }
}
