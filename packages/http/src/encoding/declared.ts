import { checkString } from '../check-argument.ts'
import { parseContentType } from '../headers/content-type.ts'
import { codecName } from './codec-name.ts'

/** How many bytes are searched for a declaration (WHATWG HTML 13.2.3.2). */
const PRESCAN = 1024

/** The header that was looked at last: a response is asked for its encoding several times, and those of a site have one header. */
let latest: { readonly header: string; readonly encoding: string | undefined } | undefined

/**
 * Returns the encoding that a Content-Type header declares (requests: get_encoding_from_headers, but without its guess of ISO-8859-1
 * for other text, which is almost never right).
 *
 * @returns the charset as written; `'utf-8'` for JSON without a charset (RFC 8259 section 8.1); otherwise `undefined`
 */
export function encodingFromContentType(header: string | undefined): string | undefined {
  if (header === undefined || header === null) return undefined
  checkString(header, 'contentType')
  if (latest?.header !== header) latest = { header, encoding: charsetOrDefault(header) }
  return latest.encoding
}

function charsetOrDefault(header: string): string | undefined {
  const { type, params } = parseContentType(header)
  const { charset } = params
  // A comma separates the values of a repeated header. Take the first.
  const named = typeof charset === 'string' ? charset.split(',', 1)[0]!.trim() : ''
  if (named !== '') return named
  return type === 'application/json' ? 'utf-8' : undefined
}

/** Returns the encoding of the byte order mark at the beginning of the bytes, if there is one. */
export function encodingFromMark(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 && bytes.length % 4 === 0 ? 'utf-32le' : 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'utf-32be'
  return undefined
}

/**
 * Returns the encoding declared in the first 1024 bytes of a page by `<meta charset>`, `<meta http-equiv>` or an XML declaration
 * (WHATWG HTML 13.2.3.2, prescan a byte stream to determine its encoding).
 *
 * @returns the canonical name; `undefined` if no encoding is declared, or an unknown one
 */
export function encodingFromMarkup(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PRESCAN)).toString('latin1')
  return xmlDeclared(head) ?? metaDeclared(head)
}

function xmlDeclared(head: string): string | undefined {
  const declaration = /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*(?:"([^">]*)"|'([^'>]*)')/i.exec(head)
  return declaration === null ? undefined : usable(declaration[1] ?? declaration[2]!)
}

function metaDeclared(head: string): string | undefined {
  let at = 0
  while ((at = head.indexOf('<', at)) >= 0) {
    if (head.startsWith('<!--', at)) {
      // `<!-->` is a complete comment.
      const end = head.indexOf('-->', at + 2)
      if (end < 0) return undefined
      at = end + 3
    } else if (/^<meta[\s/]/i.test(head.slice(at, at + 6))) {
      const { attributes, end } = readAttributes(head, at + 5)
      const encoding = charsetOfMeta(attributes)
      if (encoding !== undefined) return encoding
      at = end
    } else if (/^<\/?[a-z]/i.test(head.slice(at, at + 3))) {
      at = readAttributes(head, at + 1 + head.slice(at + 1).search(/[\s>]|$/)).end
    } else if (/^<[!/?]/.test(head.slice(at, at + 2))) {
      const end = head.indexOf('>', at)
      if (end < 0) return undefined
      at = end + 1
    } else {
      at += 1
    }
  }
  return undefined
}

function charsetOfMeta(attributes: ReadonlyMap<string, string>): string | undefined {
  const charset = attributes.get('charset')
  if (charset !== undefined) return usable(charset)
  if (attributes.get('http-equiv')?.toLowerCase() !== 'content-type') return undefined
  const found = /charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))/i.exec(attributes.get('content') ?? '')
  return found === null ? undefined : usable(found[1] ?? found[2] ?? found[3]!)
}

/** Text whose declaration was readable as ASCII cannot be UTF-16 or UTF-32. If it says so, it is UTF-8 (WHATWG HTML 13.2.3.2). */
function usable(label: string): string | undefined {
  const name = codecName(label)
  if (name === undefined) return undefined
  if (name === 'x-user-defined') return 'windows-1252'
  return /^utf-(?:16|32)/.test(name) ? 'utf-8' : name
}

const ATTRIBUTE = /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|(["'])|([^\s>]+))?)?/y

/** Parses the attributes of a tag, by name in lower case; the first of each name counts. `end` is where the attributes end. */
function readAttributes(head: string, from: number): { attributes: ReadonlyMap<string, string>; end: number } {
  const attributes = new Map<string, string>()
  ATTRIBUTE.lastIndex = from
  let end = from
  for (let found = ATTRIBUTE.exec(head); found !== null; found = ATTRIBUTE.exec(head)) {
    end = ATTRIBUTE.lastIndex
    // An unclosed quote.
    if (found[4] !== undefined) return CUT_OFF
    const name = found[1]!.toLowerCase()
    if (!attributes.has(name)) attributes.set(name, found[2] ?? found[3] ?? found[5] ?? '')
  }
  return head.indexOf('>', end) < 0 ? CUT_OFF : { attributes, end }
}

/** A tag that is cut off has no attributes, since a truncated value might be the name of another encoding. */
const CUT_OFF = { attributes: new Map<string, string>(), end: PRESCAN }
