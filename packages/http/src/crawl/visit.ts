/** The fields of every visit, successful or not. */
interface VisitBase {
  /** The URL that was requested, before redirects. */
  readonly url: string
  /** The host of the URL, with its port unless that is the scheme's default; empty if the URL is invalid. */
  readonly host: string
  /** How many links led here from a seed. */
  readonly depth: number
  /** The URL of the page that linked here. */
  readonly from: string | undefined
  /** The number of the last attempt, from 1. */
  readonly attempt: number
  /** Milliseconds from the start of the crawl to the start of the last attempt. */
  readonly start: number
  /** The duration of the last attempt in milliseconds, without robots.txt and `handle`. */
  readonly elapsed: number
}

/** A page that was fetched and handled. */
export interface PageVisit extends VisitBase {
  readonly ok: true
  readonly status: number
  /** The final URL, after redirects. */
  readonly finalUrl: string
  /** The standard name of the encoding of the text, such as `gbk`; `undefined` if the text was not read. */
  readonly encoding: string | undefined
  readonly contentType: string | undefined
  /** The size of the body in bytes, decompressed. */
  readonly bytes: number
}

/** A page that could not be fetched or handled. */
export interface FailedVisit extends VisitBase {
  readonly ok: false
  /** The status of the response, if there was one. */
  readonly status: number | undefined
  readonly error: Error
}

/** The final outcome for a URL. */
export type Visit = PageVisit | FailedVisit
