import type { Visit } from '../visit.ts'

/** A visit as a line of JSON. A crawl that was resumed after a crash may have two lines for a URL: the last one counts. */
export interface VisitRecord {
  readonly url: string
  readonly ok: boolean
  readonly host: string
  readonly depth: number
  readonly from?: string | undefined
  readonly attempt: number
  /** Milliseconds since the crawl began. */
  readonly start: number
  /** Milliseconds. */
  readonly elapsed: number
  readonly status?: number | undefined
  readonly finalUrl?: string | undefined
  readonly encoding?: string | undefined
  readonly contentType?: string | undefined
  readonly bytes?: number | undefined
  readonly title?: string | undefined
  readonly error?: { readonly name: string; readonly code?: string | undefined; readonly message: string } | undefined
}

/** Converts a visit and the title of its page into a record. */
export function recordOf(visit: Visit, title: string | undefined): VisitRecord {
  const { url, ok, host, depth, from, attempt, status } = visit
  const start = Math.round(visit.start)
  const elapsed = Math.round(visit.elapsed)
  const common = { url, ok, host, depth, from, attempt, start, elapsed, status }
  if (visit.ok) {
    const { finalUrl, encoding, contentType, bytes } = visit
    return { ...common, finalUrl, encoding, contentType, bytes, title }
  }
  const { name, message } = visit.error
  const { code } = visit.error as { code?: unknown }
  return { ...common, error: { name, code: typeof code === 'string' ? code : undefined, message } }
}

/** Formats a visit as a line of text. Control characters are removed, so that a server cannot manipulate the terminal. */
export function lineOf({ url, ok, status, encoding, bytes, elapsed, error }: VisitRecord): string {
  const what = ok
    ? `${status} ${(encoding ?? '-').padEnd(12)} ${String(bytes).padStart(8)} B`
    : `${error!.name}: ${error!.message}`
  const line = ok ? `${what} ${String(elapsed).padStart(6)} ms  ${url}` : `${url}  ${what}`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are to be removed
  return line.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ')
}
