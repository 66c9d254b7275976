import type { LookupFunction } from 'node:net'
import type { CookieJar } from '../cookies/cookie-jar.ts'
import type { RequestParts } from '../request/prepared-request.ts'
import type { RequestTimeoutOption } from '../request/timeouts.ts'
import type { Response } from '../response/response.ts'

/** Is called with each response, also of a redirect; what it returns, if anything, takes the response's place. */
export type ResponseHook = (response: Response) => Response | undefined | void

/** How to make a request (requests: Session.request). */
export interface RequestOptions extends RequestParts {
  /** Cookies for this request, beside those of the session. */
  readonly cookies?: Readonly<Record<string, string>> | CookieJar | undefined
  /** How long it may take, in milliseconds: all, `[connect, read]` or `{ connect, read, total }`. Default: without end. */
  readonly timeout?: RequestTimeoutOption | undefined
  /** Whether redirects are followed. Default true; for HEAD false. */
  readonly allowRedirects?: boolean | undefined
  /** How many redirects are followed. Default 30. */
  readonly maxRedirects?: number | undefined
  /** Whether the body is left to be read bit by bit. Default false. */
  readonly stream?: boolean | undefined
  /** `false` accepts any certificate; a string is a file of authorities to trust. Default true. */
  readonly verify?: boolean | string | undefined
  /** A file with our certificate and key, or one of each. */
  readonly cert?: string | readonly [certificate: string, key: string] | undefined
  /** Functions to call with each response. */
  readonly hooks?: { readonly response?: ResponseHook | readonly ResponseHook[] | undefined } | undefined
  /** How many bytes a body may have, as sent and decoded. Default 1 GiB. */
  readonly maxSize?: number | undefined
  /** Headers, beside the usual ones, that a redirect must not take to another host. */
  readonly sensitiveHeaders?: readonly string[] | undefined
  /** Resolves host names, and so decides which addresses may be connected to. */
  readonly lookup?: LookupFunction | undefined
}
