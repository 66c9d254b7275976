import type { Coroutine } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { codecName } from '../encoding/codec-name.ts'
import { encodingFromContentType, encodingFromMark } from '../encoding/declared.ts'
import { encodeQuery } from '../encoding/encode-query.ts'
import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { parseContentType } from '../headers/content-type.ts'
import type { Response } from '../response/response.ts'
import { withoutUserinfo } from '../url/prepare-url.ts'
import { unescapeHtml } from './character-references.ts'
import { baseOf, linksInSteps, type PageLink } from './extract-links.ts'
import type { CrawlRequest } from './frontier/frontier.ts'
import { directivesInSteps, type RobotsDirectives } from './robots-directives.ts'
import { startTags } from './start-tags.ts'
import { runInTurns, runToEnd } from './steps.ts'

const isTitle = (tag: string): boolean => tag === 'title'
const HTML_TYPES = /^(?:text\/html|application\/(?:vnd\.wap\.)?xhtml\+xml)$/
/** How an HTML page without a content type begins (WHATWG MIME Sniffing 7.1). */
const BEGINS_HTML =
  /^(?:\xef\xbb\xbf)?\s*<(?:!--|(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>])/i

/**
 * A crawled page, as passed to `handle`.
 *
 * @example
 * function* handle(page: CrawlPage) {
 *   console.log(page.url, page.title, page.links.length)
 *   page.follow('/next')
 * }
 */
export class CrawlPage {
  /** The response, its body already read. */
  readonly response: Response
  /** The URL that was requested, before redirects. */
  readonly requestedUrl: string
  /** How many links led here from a seed, from 0. */
  readonly depth: number
  /** The URL of the page that linked here; `undefined` for a seed. */
  readonly from: string | undefined
  /** @internal Whether the text was decoded. */
  wasRead = false
  /** The URLs passed to `follow`; `undefined` once the crawl has taken them. */
  private followed: string[] | undefined = []
  private isEncodingSettled = false
  private html: boolean | undefined = undefined
  private foundLinks: readonly PageLink[] | undefined = undefined
  private foundDirectives: RobotsDirectives | undefined = undefined
  private readonly userAgent: string

  /** @internal */
  constructor(response: Response, request: CrawlRequest, userAgent: string) {
    this.userAgent = userAgent
    this.response = response
    this.requestedUrl = request.url
    this.depth = request.depth
    this.from = request.from
  }

  /** The final URL, after redirects. */
  get url(): string {
    return this.response.url
  }

  get statusCode(): number {
    return this.response.statusCode
  }

  get headers(): CaseInsensitiveDict {
    return this.response.headers
  }

  /** The body. */
  get content(): Uint8Array {
    return this.response.content
  }

  /** The body as text. */
  get text(): string {
    this.wasRead = true
    this.settleEncoding()
    return this.response.text
  }

  /**
   * The encoding of `text`: that of a byte order mark or the header, or else what the page declares or looks like. Can be set.
   */
  get encoding(): string {
    this.settleEncoding()
    return this.response.encoding ?? this.response.sniffEncoding
  }

  set encoding(encoding: string) {
    this.isEncodingSettled = true
    this.response.encoding = encoding
  }

  /** Whether this is HTML, judged by its content type, or if there is none by how it begins. */
  get isHtml(): boolean {
    return (this.html ??= this.looksHtml())
  }

  /** The text of the `<title>`; empty if there is none. */
  get title(): string {
    if (!this.isHtml) return ''
    const html = this.text.slice(0, 100_000)
    const [title] = startTags(html, isTitle, this.isXml)
    if (title === undefined) return ''
    // Markup within the title is text. A title that is never closed ends at the next tag.
    const found = /^(?:(.*?)<\/title[\s/>]|([^<]*))/is.exec(html.slice(title.content))
    return unescapeHtml(found?.[1] ?? found?.[2] ?? '', 'text')
      .replace(/\s+/g, ' ')
      .trim()
  }

  /** The links to other pages, as absolute URLs; none if this is not HTML. */
  get links(): readonly PageLink[] {
    return (this.foundLinks ??= this.isHtml ? runToEnd(this.linksInSteps()) : [])
  }

  /** @internal Returns `links`, yielding to other greenlets while the page is parsed. */
  *readLinks(): Coroutine<readonly PageLink[]> {
    if (this.foundLinks !== undefined || !this.isHtml) return this.links
    return (this.foundLinks = yield* runInTurns(this.linksInSteps()))
  }

  /** Whether `<meta name=robots>` and `X-Robots-Tag` let search engines index the page. The crawler itself does not use this. */
  get mayIndex(): boolean {
    return this.directives.index
  }

  /** Whether they let crawlers follow the page's links. If not, a crawl that obeys robots.txt follows none. */
  get mayFollow(): boolean {
    return this.directives.follow
  }

  /** @internal Returns `mayFollow`, yielding to other greenlets while the page is parsed. */
  *readMayFollow(): Coroutine<boolean> {
    this.foundDirectives ??= yield* runInTurns(this.directivesInSteps())
    return this.foundDirectives.follow
  }

  /** The body as JSON; see `Response.json`. */
  json<T = unknown>(): T {
    return this.response.json<T>()
  }

  /**
   * Adds URLs to the crawl, subject to its depth and hosts. Each URL is visited once, however often it is added.
   *
   * @param urls absolute URLs, URLs relative to this page, or entries of `links`
   * @throws {TypeError} if one is not a URL
   * @throws {Error} if `handle` has returned, because the crawl may have ended
   */
  follow(...urls: readonly (string | URL | PageLink)[]): void {
    const { followed } = this
    if (followed === undefined) throw new Error('Expected `follow` to be called before `handle` returns')
    for (const given of urls) {
      const url = given instanceof URL || typeof given !== 'object' ? given : given?.url
      if ((typeof url !== 'string' && !(url instanceof URL)) || !URL.canParse(String(url), this.url)) {
        throw new TypeError(
          `Expected a URL to follow, got ${show(typeof url === 'string' ? withoutUserinfo(url) : given)}`,
        )
      }
      followed.push(typeof url === 'string' ? this.resolved(url) : url.href)
    }
  }

  /** @internal Returns the URLs passed to `follow`, which accepts no more from now on. */
  takeFollowed(): readonly string[] {
    const { followed = [] } = this
    this.followed = undefined
    return followed
  }

  /** Resolves a URL as a link of this page. The encoding and the base are determined only where they make a difference. */
  private resolved(url: string): string {
    const isPlain = !/[\u0080-\uffff]/.test(url)
    const base = URL.canParse(url) || !this.isHtml ? this.url : baseOf(this.text, this.url, this.isXml)
    return new URL(isPlain ? url : encodeQuery(url, this.encoding), base).href
  }

  /** Overrides the header's encoding, as browsers do, if a byte order mark contradicts it or its name is unknown. */
  private settleEncoding(): void {
    if (this.isEncodingSettled) return
    this.isEncodingSettled = true
    const { response } = this
    const { encoding } = response
    // An encoding other than the header's was set by the code that made the request.
    if (encoding === undefined || encoding !== encodingFromContentType(response.headers.get('content-type'))) return
    if (codecName(encoding) === undefined || encodingFromMark(response.content) !== undefined) {
      response.encoding = response.sniffEncoding
    }
  }

  private get directives(): RobotsDirectives {
    return (this.foundDirectives ??= runToEnd(this.directivesInSteps()))
  }

  private directivesInSteps(): Generator<undefined, RobotsDirectives> {
    return directivesInSteps(this.headers, this.isHtml ? this.text : '', this.userAgent, this.isXml)
  }

  private linksInSteps(): Generator<undefined, PageLink[]> {
    return linksInSteps(this.text, this.url, this.encoding, this.isXml)
  }

  /** The media type in the header, empty if there is none. Of several headers, joined by commas, the last one counts. */
  private get type(): string {
    const { type } = parseContentType(this.response.headers.get('content-type') ?? '')
    return type.split(',').at(-1)!.trim()
  }

  /** Whether this is XHTML, provided that it is HTML at all. */
  private get isXml(): boolean {
    return this.type.endsWith('+xml')
  }

  private looksHtml(): boolean {
    const { type } = this
    if (type !== '') return HTML_TYPES.test(type)
    return BEGINS_HTML.test(Buffer.from(this.content.subarray(0, 200)).toString('latin1'))
  }
}
