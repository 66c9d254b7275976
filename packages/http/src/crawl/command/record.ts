import type { Visit } from '../visit.ts'

/** A visit as a line of JSON has it. A crawl that went on after a crash may have two of one URL: the last counts. */
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

/** A visit with what the page is called. */
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

/** A visit in one line for people. Nothing that a server sent can move the cursor. */
export function lineOf({ url, ok, status, encoding, bytes, elapsed, error }: VisitRecord): string {
  const what = ok
    ? `${status} ${(encoding ?? '-').padEnd(12)} ${String(bytes).padStart(8)} B`
    : `${error!.name}: ${error!.message}`
  const line = ok ? `${what} ${String(elapsed).padStart(6)} ms  ${url}` : `${url}  ${what}`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is taken out
  return line.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ')
}
