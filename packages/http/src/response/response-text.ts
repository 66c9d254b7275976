import { apparentEncoding, decode, encodingFromContentType, sniffEncoding } from '../encoding/encoding.ts'
import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { charsetOf } from '../headers/content-type.ts'
import { jsonText } from './json-text.ts'
import type { ResponseBody } from './response-body.ts'

/** The response that a text belongs to. */
export interface TextOwner {
  readonly headers: CaseInsensitiveDict
}

/** The body of a response as text: what it is decoded from, and what comes of it. */
export class ResponseText {
  private readonly owner: TextOwner
  private readonly body: ResponseBody
  /** `null`: as the header says. */
  private chosen: string | null | undefined = null
  private decoded: { encoding: string; text: string } | undefined = undefined

  constructor(owner: TextOwner, body: ResponseBody) {
    this.owner = owner
    this.body = body
  }

  /** What was chosen, or else what the header says, if it says. */
  get encoding(): string | undefined {
    return this.chosen === null ? encodingFromContentType(this.contentType) : this.chosen
  }

  set encoding(encoding: string | undefined) {
    this.chosen = encoding
  }

  get text(): string {
    const encoding = this.encoding ?? this.sniffed
    if (this.decoded?.encoding !== encoding) this.decoded = { encoding, text: decode(this.body.content, encoding) }
    return this.decoded.text
  }

  /** What the bytes say by themselves. */
  get apparent(): string {
    return apparentEncoding(this.body.content)
  }

  /** What a browser takes them for. */
  get sniffed(): string {
    return sniffEncoding(this.body.content, this.contentType)
  }

  /** What its pieces are decoded from: of a body that is not there yet nothing can be guessed. */
  get ofPieces(): string {
    return this.encoding ?? (this.body.bytes === undefined ? 'utf-8' : this.sniffed)
  }

  /** The text as JSON has it: its encoding is not guessed, unless nobody tells it and it is none of JSON's own. */
  get ofJson(): string {
    const isDeclared = this.chosen !== null || charsetOf(this.contentType) !== undefined
    const text = isDeclared && this.encoding !== undefined ? this.text : jsonText(this.body.content)
    return text.replace(/^\uFEFF/, '')
  }

  private get contentType(): string | undefined {
    return this.owner.headers.get('content-type')
  }
}
