/** A cookie with what decides where it goes (RFC 6265 section 5.3). */
export interface Cookie {
  readonly name: string
  /** As it was sent: quotes are part of it. */
  readonly value: string
  /** The host it came from, or the domain that it names, in lower case without a leading dot; empty for one that goes anywhere. */
  readonly domain: string
  /** Whether it goes to that very host only. */
  readonly hostOnly: boolean
  readonly path: string
  /** Whether it goes over https only. */
  readonly secure: boolean
  readonly httpOnly: boolean
  /** When it ends, in milliseconds since 1970; `Infinity` at the end of the session. */
  readonly expires: number
}
