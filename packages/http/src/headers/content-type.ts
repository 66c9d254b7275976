/** A parsed `Content-Type`. */
export interface ContentType {
  /** The media type, such as `text/html`, in lower case without parameters; empty if the header is. */
  readonly type: string
  /** The parameters by lower-case name; `true` for one without `=`. */
  readonly params: Readonly<Record<string, string | true>>
}

/** A parameter: quoted, or up to the next semicolon. Alternatives start with different characters, so it runs in linear time. */
const PARAMETER = /;\s*([^=;\s"]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*)))?/gs

/**
 * Parses a `Content-Type` header leniently (RFC 9110 section 8.3.1; requests: _parse_content_type_header).
 *
 * @example
 * parseContentType('application/json ; Charset=utf-8') // { type: 'application/json', params: { charset: 'utf-8' } }
 */
export function parseContentType(header: string): ContentType {
  const type = header.split(';', 1)[0]!.trim().toLowerCase()
  const params = new Map<string, string | true>()
  for (const [, name = '', quoted, bare] of header.matchAll(PARAMETER)) {
    const key = name.toLowerCase()
    if (key === '' || params.has(key)) continue
    params.set(key, quoted?.replace(/\\(.)/gs, '$1') ?? bare?.trim().replace(/^'(.*)'$/s, '$1') ?? true)
  }
  return { type, params: Object.fromEntries(params) }
}

/** The charset in a `Content-Type` header, as written there; `undefined` if it has none. */
export function charsetOf(header: string | undefined): string | undefined {
  const charset = header === undefined ? undefined : parseContentType(header).params.charset
  return charset === true || charset === '' ? undefined : charset
}
