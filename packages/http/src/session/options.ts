import type { LookupFunction } from 'node:net'
import type { Auth } from '../auth/auth.ts'
import type { Engine } from '../engine/engine.ts'
import type { AddressGuard } from '../guard/address-guard.ts'
import type { Proxies } from '../proxy/select-proxy.ts'
import type { Cookies, RequestParts } from '../request/request.ts'
import type { MinRateOption, RequestTimeoutOption } from '../request/timeouts.ts'
import type { Response } from '../response/response.ts'
import type { Retry, RetryOptions } from '../retry/retry.ts'
import type { Params } from '../url/params.ts'
import type { SensitiveHeaders } from './redirect.ts'

/**
 * Called with each response, redirects included, once its body has been read, or before that if it is streamed; of a redirect that is
 * followed, a small body is read, a large one is lost. A `Response` that the hook returns replaces the received one. It may be a
 * coroutine function. The second argument holds the options that the request was sent with (requests: the hook's `**kwargs`).
 */
export type ResponseHook = (response: Response, options: HookOptions) => unknown

/** The options that a response hook is told. */
export interface HookOptions extends Pick<SendOptions, 'stream' | 'verify' | 'cert' | 'proxies'> {
  readonly timeout: Exclude<RequestTimeoutOption, number | readonly unknown[] | null>
}

/** Functions that are called in the course of a request. */
export interface Hooks {
  readonly response?: ResponseHook | readonly ResponseHook[] | undefined
}

/** The hooks of a session, to which more may be added. */
export interface SessionHooks {
  response: ResponseHook[]
}

/** The options for sending a prepared request (requests: Session.send). */
export interface SendOptions {
  /** How long the request may take, in milliseconds: in all, `[connect, read]` or `{ connect, read, total }`. Default: no limit. */
  readonly timeout?: RequestTimeoutOption | undefined
  /** The slowest rate allowed for the body: bytes per second, or `{ bytes, per }` with milliseconds. Default: no minimum. */
  readonly minRate?: MinRateOption | undefined
  /** Whether redirects are followed. Default true; for HEAD false. */
  readonly allowRedirects?: boolean | undefined
  /** How many redirects are followed, from 0. Default 30. */
  readonly maxRedirects?: number | undefined
  /** Whether the body is left unread, for the caller to read piece by piece. Default false. */
  readonly stream?: boolean | undefined
  /**
   * Whether the server's certificate is verified: `false` accepts any. A string is a file, or a folder, of certificate authorities to
   * trust, with `OSError` if it cannot be read. Default true.
   */
  readonly verify?: boolean | string | undefined
  /** The client certificate: one file with certificate and key, or one file for each; `OSError` if it cannot be read. */
  readonly cert?: string | readonly [certificate: string, key: string] | undefined
  /** Proxies by URL scheme or host; see `Proxies`. Default: those of the environment. */
  readonly proxies?: Proxies | undefined
  /** How many times a failed request is retried, or a retry plan. Default 0. */
  readonly retries?: number | Retry | RetryOptions | false | undefined
  /** The largest body allowed, in bytes, both as sent and as decoded, from 0. Default 1 GiB. */
  readonly maxSize?: number | undefined
  /**
   * Headers that a redirect must not take to another host, in addition to Authorization, Cookie and Proxy-Authorization. `'all'`
   * keeps only the headers that browsers send as well.
   */
  readonly sensitiveHeaders?: SensitiveHeaders | undefined
  /** Resolves host names, and so decides which addresses are connected to. With a `guard`, only the addresses it allows are used. */
  readonly lookup?: LookupFunction | undefined
  /**
   * Decides which addresses may be connected to, including IP addresses in URLs. Of a request through a proxy it sees only the URL,
   * not the address that the proxy connects to.
   */
  readonly guard?: AddressGuard | undefined
}

/** The options of a request (requests: Session.request). */
export interface RequestOptions extends RequestParts, SendOptions {
  /** Functions that are called in the course of the request; they replace the session's. */
  readonly hooks?: Hooks | undefined
}

/** The options of a `Session`: defaults for each of its requests, which a request's own options override. */
export interface SessionOptions extends SendOptions {
  /** The engine that sends the requests. Default: Node's own client, with kept-alive connections. */
  readonly engine?: Engine | undefined
  /** Headers of every request; `undefined` or `null` removes a default header. */
  readonly headers?: RequestParts['headers'] | undefined
  readonly cookies?: Cookies | undefined
  readonly auth?: Auth | null | undefined
  readonly params?: Params | undefined
  readonly hooks?: Hooks | undefined
  /** Whether the environment's proxies, certificates and netrc file are used. Default true. */
  readonly trustEnv?: boolean | undefined
}
