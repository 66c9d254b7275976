export { delete_, delete_ as delete, get, head, options, patch, post, put, request } from './api.ts'
export {
  type Auth,
  AuthBase,
  type AuthenticatedRequest,
  type Challenge,
  type Credential,
  HTTPBasicAuth,
  HTTPProxyAuth,
} from './auth/auth.ts'
export { HTTPDigestAuth } from './auth/digest.ts'
export type { BatchRequest } from './batch/batch-request.ts'
export { imap, imapEnumerated, imapUnordered, type MapOptions, map } from './batch/map.ts'
export type { BatchOptions } from './batch/options.ts'
export type { ContentSource } from './body/body-content.ts'
export type { FileSpec, Files } from './body/multipart.ts'
export type { BodyData, BodyOptions } from './body/prepare-body.ts'
export type { Cookie } from './cookies/cookie.ts'
export { CookieConflictError } from './cookies/cookie-conflict-error.ts'
export {
  CookieJar,
  type CookieJarOptions,
  type CookieSelector,
  type CookiesByName,
  type StoredCookie,
} from './cookies/cookie-jar.ts'
export { crawl } from './crawl/crawl.ts'
export { CrawlPage } from './crawl/crawl-page.ts'
export { type ExtractLinksOptions, extractLinks, type PageLink } from './crawl/extract-links.ts'
export type { CustomFrontier } from './crawl/frontier/custom-frontier.ts'
export type { CrawlRequest, Frontier, FrontierStats, Lease, LeaseOptions } from './crawl/frontier/frontier.ts'
export { JournalFrontier, type JournalFrontierOptions } from './crawl/frontier/journal-frontier.ts'
export { MemoryFrontier, type MemoryFrontierOptions } from './crawl/frontier/memory-frontier.ts'
export { JsonLinesFile } from './crawl/json-lines-file.ts'
export type { CrawlOptions } from './crawl/options.ts'
export type { AutothrottleOptions } from './crawl/pacing.ts'
export { Robots } from './crawl/robots.ts'
export { parseSitemap, type Sitemap } from './crawl/sitemap.ts'
export type { CrawlProgress, CrawlStats, HostStats, SkippedStats } from './crawl/stats.ts'
export type { FailedVisit, PageVisit, Visit } from './crawl/visit.ts'
export { codecName } from './encoding/codec-name.ts'
export { detectEncoding } from './encoding/detect/detect.ts'
export {
  apparentEncoding,
  decode,
  type IncrementalDecoder,
  incrementalDecoder,
  sniffEncoding,
} from './encoding/encoding.ts'
export { type ContentTypeHeaders, getEncodingFromHeaders, getEncodingsFromContent } from './encoding/requests.ts'
export type {
  Engine,
  EngineBody,
  EngineRequest,
  EngineResponse,
  Limits,
  PiecedBody,
  PieceSource,
  ProxySettings,
  Rate,
  ResponseStream,
  TlsSettings,
} from './engine/engine.ts'
export { NodeEngine } from './engine/node-engine.ts'
export { AddressForbidden } from './errors/address-forbidden.ts'
export { ChunkedEncodingError } from './errors/chunked-encoding-error.ts'
export { ConnectTimeout } from './errors/connect-timeout.ts'
export { ConnectionError } from './errors/connection-error.ts'
export { ContentDecodingError } from './errors/content-decoding-error.ts'
export type { FailedRequest, FailedResponse, RequestErrorOptions } from './errors/error-details.ts'
export { HTTPError } from './errors/http-error.ts'
export { InvalidHeader } from './errors/invalid-header.ts'
export { InvalidJSONError } from './errors/invalid-json-error.ts'
export { InvalidProxyURL } from './errors/invalid-proxy-url.ts'
export { InvalidSchema } from './errors/invalid-schema.ts'
export { InvalidURL } from './errors/invalid-url.ts'
export { JSONDecodeError } from './errors/json-decode-error.ts'
export { MissingSchema } from './errors/missing-schema.ts'
export { ProxyError } from './errors/proxy-error.ts'
export { ReadTimeout } from './errors/read-timeout.ts'
export { RequestException } from './errors/request-exception.ts'
export { RequestTimeout, RequestTimeout as Timeout } from './errors/request-timeout.ts'
export { RequestValueError } from './errors/request-value-error.ts'
export { ResponseTooLarge } from './errors/response-too-large.ts'
export { ResponseTooSlow } from './errors/response-too-slow.ts'
export { RetryError } from './errors/retry-error.ts'
export { SSLError } from './errors/ssl-error.ts'
export { StreamConsumedError } from './errors/stream-consumed-error.ts'
export { TooManyRedirects } from './errors/too-many-redirects.ts'
export { UnrewindableBodyError } from './errors/unrewindable-body-error.ts'
export { URLRequired } from './errors/url-required.ts'
export type { AddressGuard } from './guard/address-guard.ts'
export { isPublicAddress } from './guard/public-address.ts'
export { PublicAddressGuard, type PublicAddressGuardOptions } from './guard/public-address-guard.ts'
export { CaseInsensitiveDict, type HeadersInit } from './headers/case-insensitive-dict.ts'
export { type Codes, codes } from './headers/codes.ts'
export { type Link, parseHeaderLinks } from './headers/links.ts'
export type { Proxies } from './proxy/select-proxy.ts'
export { PreparedRequest } from './request/prepared-request.ts'
export { type Cookies, Request, type RequestParts } from './request/request.ts'
export type { MinRateOption, RequestTimeoutOption } from './request/timeouts.ts'
export { Response } from './response/response.ts'
export { Retry, type RetryOptions } from './retry/retry.ts'
export { HTTPAdapter, type HTTPAdapterOptions } from './session/http-adapter.ts'
export type {
  HookOptions,
  Hooks,
  RequestOptions,
  ResponseHook,
  SendOptions,
  SessionHooks,
  SessionOptions,
} from './session/options.ts'
export { Session } from './session/session.ts'
export { type CanonicalOptions, canonicalUrl } from './url/canonical-url.ts'
export type { Params, ParamValue } from './url/params.ts'
