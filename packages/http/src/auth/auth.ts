import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'

/** Who asks: a user name and password for basic authentication, or something that puts its own headers on a request. */
export type Auth =
  | readonly [user: string, password: string]
  | ((request: { readonly headers: CaseInsensitiveDict }) => void)

/** The value of an Authorization header for basic authentication (RFC 7617), in UTF-8. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`
}

/** Puts authentication on a request. */
export function authenticate(request: { readonly headers: CaseInsensitiveDict }, auth: Auth): void {
  if (typeof auth === 'function') auth(request)
  else request.headers.set('Authorization', basicAuthorization(auth[0], auth[1]))
}
