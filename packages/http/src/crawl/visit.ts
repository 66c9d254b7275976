/** What a visit has in common, however it ended. */
interface VisitBase {
  /** The URL that was asked for. */
  readonly url: string
  /** Its host, with its port unless that is the scheme's own. */
  readonly host: string
  /** How many links led there from a seed. */
  readonly depth: number
  /** The page that the link was on. */
  readonly from: string | undefined
  /** Which try this was, from 1. */
  readonly attempt: number
  /** Milliseconds from the start of the crawl to the start of the last try. */
  readonly start: number
  /** Milliseconds that the last try took, robots.txt and `handle` not included. */
  readonly elapsed: number
}

/** A page that was fetched and handled. */
export interface PageVisit extends VisitBase {
  readonly ok: true
  readonly status: number
  /** The URL that answered, after redirects. */
  readonly finalUrl: string
  /** What the text was decoded from; `undefined` if nobody read it. */
  readonly encoding: string | undefined
  readonly contentType: string | undefined
  /** The size of the body, decoded from its codings. */
  readonly bytes: number
}

/** A page that could not be had, or could not be handled. */
export interface FailedVisit extends VisitBase {
  readonly ok: false
  /** The status, if the server answered. */
  readonly status: number | undefined
  readonly error: Error
}

/** What became of a URL, once that is settled. */
export type Visit = PageVisit | FailedVisit
