import { attempt } from '@greenlit/core'
import { get } from '@greenlit/http'

/** The outcome of one URL. */
export type Visit = { readonly url: string; readonly milliseconds: number } & (
  | {
      readonly ok: true
      readonly status: number
      readonly encoding: string
      readonly bytes: number
      readonly title: string
    }
  | { readonly ok: false; readonly error: string; readonly message: string; readonly status?: number }
)

/** Crawls one page; a failure is an outcome like any other. */
export function* visit(url: string, timeout: number) {
  const started = performance.now()
  const crawled = yield* attempt(crawl(url, timeout))
  const milliseconds = Math.round(performance.now() - started)
  if (crawled.ok) return { url, milliseconds, ok: true, ...crawled.value } satisfies Visit
  const { error } = crawled
  return { url, milliseconds, ok: false, error: error.name, message: error.message } satisfies Visit
}

function* crawl(url: string, timeout: number) {
  const page = yield* get(url, { timeout })
  page.raiseForStatus()
  page.encoding = page.apparentEncoding
  const title = /<title>(.*?)<\/title>/.exec(page.text)?.[1] ?? ''
  return { status: page.statusCode, encoding: page.encoding ?? '', bytes: page.content.length, title }
}
