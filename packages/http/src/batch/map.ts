import { type Attempt, type CooperativeIterator, type Operation, type Suspension, Timeout } from '@greenlit/core'
import {
  Call,
  checkCallable,
  checkOptions,
  checkTimeout,
  checkWhole,
  show,
  type TimeLimit,
} from '@greenlit/core/engine'
import { checkSession } from '../check-argument.ts'
import { RequestTimeout } from '../errors/request-timeout.ts'
import type { Response } from '../response/response.ts'
import { Batch, BatchIterator } from './batch.ts'
import { type BatchRequest, beginRequest } from './batch-request.ts'
import type { BatchOptions } from './options.ts'

/** The options of `map`. */
export interface MapOptions extends BatchOptions {
  /** How long all requests together may take, in milliseconds; unfinished ones are then killed and fail. Default: no limit. */
  readonly gtimeout?: TimeLimit
}

/** Requests; a generator may block (`yield*`) between them. */
type Source = Iterable<BatchRequest | Suspension> | AsyncIterable<BatchRequest>

const DEFAULT_SIZE = 50

/**
 * Makes many requests, and returns their outcomes in the order of the requests (grequests: map). Every failure is reported, and none
 * affects the other requests.
 *
 * @param requests see `BatchRequest`
 * @param options see `MapOptions`
 * @returns `{ ok: true, value }` or `{ ok: false, error }` for each
 * @throws {TypeError} or {RangeError} immediately for invalid arguments. A kill of the caller ends all requests
 * @example
 * for (const page of yield* map(urls, { size: 20, timeout: 10_000 })) {
 *   if (page.ok) console.log(page.value.url, page.value.statusCode)
 *   else console.log(page.error.message)
 * }
 */
export function map(requests: Source, options: MapOptions = {}): Operation<Attempt<Response>[]> {
  const { gtimeout, ...rest } = checkOptions(options)
  const limit = checkTimeout(gtimeout, 'gtimeout')
  const batch = batchOf(requests, rest)
  const known = Array.isArray(requests) ? requests.length : 0
  return new Call<[Batch<Response>, TimeLimit, number], Attempt<Response>[]>(collect, [batch, limit, known])
}

/**
 * Makes many requests, and yields their outcomes as they complete (grequests: imap). It reads the source at most `size` requests ahead
 * of the outcomes taken, so that memory is bounded however many there are. The first `next()` starts it; closing the iterator, as
 * `each` does when it ends, ends the running requests.
 *
 * @param requests see `BatchRequest`
 * @param options see `BatchOptions`
 * @throws {TypeError} or {RangeError} immediately for invalid arguments
 * @example
 * yield* each(imap(urls, { size: 20 }), function* (page) {
 *   if (page.ok) yield* store(page.value)
 * })
 */
export function imap(requests: Source, options: BatchOptions = {}): CooperativeIterator<Attempt<Response>> {
  return new BatchIterator(batchOf(requests, options), ({ outcome }) => outcome)
}

/**
 * Same as `imap`, under gevent's name for outcomes in order of completion.
 *
 * @example
 * yield* each(imapUnordered(urls, { size: 20 }), (page) => console.log(page.ok))
 */
export function imapUnordered(requests: Source, options: BatchOptions = {}): CooperativeIterator<Attempt<Response>> {
  return imap(requests, options)
}

/**
 * Same as `imap`, with the index of each request in the source, from 0 (grequests: imap_enumerated).
 *
 * @example
 * yield* each(imapEnumerated(urls), ([index, page]) => console.log(index, page.ok))
 */
export function imapEnumerated(
  requests: Source,
  options: BatchOptions = {},
): CooperativeIterator<[index: number, outcome: Attempt<Response>]> {
  return new BatchIterator(batchOf(requests, options), ({ index, outcome }) => [index, outcome])
}

function batchOf(requests: Source, options: BatchOptions): Batch<Response> {
  const isSource =
    typeof requests === 'object' &&
    requests !== null &&
    (Symbol.iterator in requests || Symbol.asyncIterator in requests)
  if (!isSource) throw new TypeError(`Expected \`requests\` to be iterable, got ${show(requests)}`)
  const { size, ...rest } = checkOptions(options)
  const most = size ?? DEFAULT_SIZE
  if (most !== Infinity) checkWhole(most, 'size', 1)
  checkSession(rest.session)
  if (rest.exceptionHandler !== undefined && rest.exceptionHandler !== null)
    checkCallable(rest.exceptionHandler, 'exceptionHandler')
  checkShared(rest)
  return new Batch<Response>(requests, most, rest)
}

/** Checks the options of all requests at once, as those of a single request are: an operation does nothing else until it is started. */
function checkShared({ exceptionHandler: _, session, data: __, files: ___, ...options }: BatchOptions): void {
  beginRequest('http://localhost/', options, session)
}

function* collect(
  batch: Batch<Response>,
  limit: TimeLimit,
  known: number,
): Generator<Suspension, Attempt<Response>[], unknown> {
  const outcomes: Attempt<Response>[] = []
  const timeout = limit instanceof Timeout ? limit : new Timeout(limit as number | undefined)
  timeout.start()
  try {
    for (;;) {
      const result = yield* batch.take()
      if (result.done) return outcomes
      outcomes[result.value.index] = result.value.outcome
    }
  } catch (error) {
    if (error !== timeout || limit instanceof Timeout) throw error
    const late = new RequestTimeout(`The request was not done in ${timeout.milliseconds} ms`)
    batch.close()
    const length = Math.max(known, batch.begun)
    for (let index = 0; index < length; index += 1) outcomes[index] ??= yield* batch.giveUp(index, late)
    return outcomes
  } finally {
    timeout.close()
    batch.close()
  }
}
