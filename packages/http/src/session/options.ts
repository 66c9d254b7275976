import type { LookupFunction } from 'node:net'
import type { Auth } from '../auth/auth.ts'
import type { Engine } from '../engine/engine.ts'
import type { Proxies } from '../proxy/select-proxy.ts'
import type { Cookies, RequestParts } from '../request/request.ts'
import type { MinRateOption, RequestTimeoutOption } from '../request/timeouts.ts'
import type { Response } from '../response/response.ts'
import type { Retry, RetryOptions } from '../retry/retry.ts'
import type { Params } from '../url/params.ts'
import type { SensitiveHeaders } from './redirect.ts'

/**
 * Is called with each response, also of a redirect, before its body is read; a `Response` that it returns takes its place.
 * It may be a coroutine function.
 */
export type ResponseHook = (response: Response) => unknown

/** Functions to call as a request goes on. */
export interface Hooks {
  readonly response?: ResponseHook | readonly ResponseHook[] | undefined
}

/** Decides which addresses may be connected to. */
export interface AddressGuard {
  /**
   * Is asked about each URL before it is requested, redirects included. A name that is an address itself is never looked up, so it
   * must be refused here.
   *
   * @throws {AddressForbidden}
   */
  check(url: URL): void
  /** Resolves names to addresses that are allowed; the connection goes to one of them and nowhere else. */
  readonly lookup: LookupFunction
  /**
   * A look-up whose answers are checked as those of `lookup` are, for requests that bring their own. Default: each address that it
   * answers is given to `check` in a URL.
   */
  vet?(lookup: LookupFunction): LookupFunction
  /** Whether `lookup` asks the system; the look-up of the session, if it has one, takes its place then. Default false. */
  readonly usesSystem?: boolean
}

/** How a request is sent (requests: Session.send). */
export interface SendOptions {
  /** How long it may take, in milliseconds: all, `[connect, read]` or `{ connect, read, total }`. Default: without end. */
  readonly timeout?: RequestTimeoutOption | undefined
  /** How fast the body must come at least: bytes per second, or `{ bytes, per }` with milliseconds. Default: as slow as it likes. */
  readonly minRate?: MinRateOption | undefined
  /** Whether redirects are followed. Default true; for HEAD false. */
  readonly allowRedirects?: boolean | undefined
  /** How many redirects are followed, from 0. Default 30. */
  readonly maxRedirects?: number | undefined
  /** Whether the body is left to be read bit by bit. Default false. */
  readonly stream?: boolean | undefined
  /**
   * `false` accepts any certificate; a string is a file, or a folder, of authorities to trust, `OSError` if it cannot be read.
   * Default true.
   */
  readonly verify?: boolean | string | undefined
  /** A file with our certificate and key, or one of each; `OSError` if it cannot be read. */
  readonly cert?: string | readonly [certificate: string, key: string] | undefined
  /** Proxies by what goes through them. Default: those of the environment. */
  readonly proxies?: Proxies | undefined
  /** How many times a failed request is tried again, or a plan for it. Default 0. */
  readonly retries?: number | Retry | RetryOptions | false | undefined
  /** How many bytes a body may have, as sent and decoded, from 0. Default 1 GiB. */
  readonly maxSize?: number | undefined
  /** Headers, beside the usual ones, that a redirect must not take to another host. `'all'`: only those that browsers send go. */
  readonly sensitiveHeaders?: SensitiveHeaders | undefined
  /** Resolves host names, and so decides which addresses may be connected to; of its answers those that the `guard` allows. */
  readonly lookup?: LookupFunction | undefined
  /**
   * Decides which addresses may be connected to, those that stand in URLs included. What a proxy connects to it cannot see, beyond the
   * addresses in URLs.
   */
  readonly guard?: AddressGuard | undefined
}

/** How to make a request (requests: Session.request). */
export interface RequestOptions extends RequestParts, SendOptions {
  /** Functions to call as the request goes on; they take the place of the session's. */
  readonly hooks?: Hooks | undefined
}

/** What a session is made with: what holds for each of its requests unless that says otherwise. */
export interface SessionOptions extends SendOptions {
  /** What carries the requests. Default: Node's own client, with connections that are kept alive. */
  readonly engine?: Engine | undefined
  /** Headers of every request; `undefined` or `null` takes one of the usual ones away. */
  readonly headers?: RequestParts['headers']
  readonly cookies?: Cookies | undefined
  readonly auth?: Auth | null | undefined
  readonly params?: Params | undefined
  readonly hooks?: Hooks | undefined
  /** Whether the environment's proxies, certificates and netrc file count. Default true. */
  readonly trustEnv?: boolean | undefined
}
