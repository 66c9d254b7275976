/** A cookie and the attributes that decide where it is sent (RFC 6265 section 5.3). */
export interface Cookie {
  readonly name: string
  /** The value as sent, including any quotes. */
  readonly value: string
  /** The host that set it, or its `Domain` attribute, in lower case without a leading dot; empty for a cookie for any host. */
  readonly domain: string
  /** Whether it is sent only to exactly that host. */
  readonly hostOnly: boolean
  readonly path: string
  /** Whether it is sent only over https. */
  readonly secure: boolean
  readonly httpOnly: boolean
  /** When it expires, in milliseconds since 1970; `Infinity` for a session cookie. */
  readonly expires: number
}
