import type { Attempt, CooperativeIterator, Coroutine, Operation } from '@greenlit/core'
import { expectTypeOf } from 'vitest'
import type { CaseInsensitiveDict, HTTPError, Response } from '../src/index.ts'
import { codes, get, imap, imapEnumerated, map, post, Session } from '../src/index.ts'

expectTypeOf(get('http://127.0.0.1/')).toEqualTypeOf<Operation<Response>>()
expectTypeOf(new Session().get(new URL('http://127.0.0.1/'))).toEqualTypeOf<Operation<Response>>()
expectTypeOf(map(['http://127.0.0.1/'])).toEqualTypeOf<Operation<Attempt<Response>[]>>()
expectTypeOf(imap([get('http://127.0.0.1/')])).toEqualTypeOf<CooperativeIterator<Attempt<Response>>>()
expectTypeOf(imapEnumerated([])).toEqualTypeOf<CooperativeIterator<[index: number, outcome: Attempt<Response>]>>()

export function* crawl(url: string): Coroutine<string> {
  const page = yield* get(url, { timeout: [1000, 2000], params: { q: 'a', n: 1 }, headers: { Accept: null } })
  expectTypeOf(page).toEqualTypeOf<Response>()
  expectTypeOf(page.headers).toEqualTypeOf<CaseInsensitiveDict>()
  expectTypeOf(page.headers.get('set-cookie')).toEqualTypeOf<string[] | undefined>()
  expectTypeOf(page.headers.get('etag')).toEqualTypeOf<string | undefined>()
  expectTypeOf(page.json()).toEqualTypeOf<unknown>()
  expectTypeOf(page.json<{ a: number }>().a).toEqualTypeOf<number>()
  page.encoding = page.apparentEncoding
  return page.text
}

export function explain(error: HTTPError): string | undefined {
  expectTypeOf(error.response?.headers.get('retry-after')).toEqualTypeOf<string | undefined>()
  expectTypeOf(error.response?.json<{ reason: string }>().reason).toEqualTypeOf<string | undefined>()
  expectTypeOf(error.request?.body).toEqualTypeOf<Uint8Array | undefined>()
  return error.response?.text
}

expectTypeOf(codes.ok).toEqualTypeOf<200>()

// @ts-expect-error a timeout cannot be a string
get('http://127.0.0.1/', { timeout: 'soon' })
// @ts-expect-error a pair, not a triple
get('http://127.0.0.1/', { timeout: [1, 2, 3] })
// @ts-expect-error header values are strings
get('http://127.0.0.1/', { headers: { 'X-Number': 1 } })
// @ts-expect-error there is no such option
post('http://127.0.0.1/', { body: 'text' })
// @ts-expect-error a pair of user and password
get('http://127.0.0.1/', { auth: ['me'] })
