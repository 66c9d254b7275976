import { statSync } from 'node:fs'
import type { Operation } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { checkBoolean } from '../../check-argument.ts'
import { FileLock } from '../file-lock.ts'
import { LineFile } from '../line-file.ts'
import type { CrawlRequest } from './frontier.ts'
import { immediate } from './immediate-operation.ts'
import { type Entry, MemoryFrontier, type MemoryFrontierOptions } from './memory-frontier.ts'

/** Options of `JournalFrontier`. */
export interface JournalFrontierOptions extends MemoryFrontierOptions {
  /** Whether to continue where an earlier crawl with the same file ended. Default false. */
  readonly resume?: boolean | undefined
}

type Added = readonly [
  url: string,
  depth: number,
  from?: string | null,
  kind?: CrawlRequest['kind'] | null,
  key?: string,
]

/** A line of the journal. A request is identified by the number of requests added before it. */
type Line =
  | { readonly journal: 'greenlit'; readonly version: 1 }
  | { readonly add: readonly Added[] }
  | { readonly done: number; readonly also?: readonly string[] }
  | { readonly retry: number; readonly attempt: number; readonly at: number | null; readonly expired?: number }
  | { readonly fail: number; readonly reason: string }

const HEADER = { journal: 'greenlit', version: 1 } as const satisfies Line

/**
 * A frontier in memory that records each change as a line of a file before the call returns. After a crash or a `kill -9` another
 * process can resume the crawl: acknowledged requests are not fetched again, and no added request is lost.
 *
 * @example
 * const frontier = new JournalFrontier('crawl.journal', { resume: true })
 */
export class JournalFrontier extends MemoryFrontier {
  private readonly file: LineFile
  private readonly lock: FileLock

  /**
   * @param path the journal file. A lock file beside it, `.lock`, restricts it to one process at a time. Within a process the frontier
   *   created last takes the journal over, and calls on an earlier one fail
   * @param options see `JournalFrontierOptions`
   * @throws {RangeError} if the file is not empty and `resume` is not set, if it is not a journal, or if another process is using it
   */
  constructor(path: string, options?: JournalFrontierOptions) {
    super(options)
    if (typeof path !== 'string' || path === '') {
      throw new TypeError(`Expected \`path\` to be the name of a file, got ${show(path)}`)
    }
    const resume = checkBoolean(options?.resume, 'resume', false)
    // Checked before the lock is taken: a refused frontier must not take the journal from the one that is using it.
    const found = statSync(path, { throwIfNoEntry: false })
    if (!resume && found?.isFile() && found.size > 0) throw notEmpty(path)
    this.lock = new FileLock(path)
    try {
      this.file = new LineFile(path)
    } catch (error) {
      this.lock.release()
      throw error
    }
    try {
      if (!resume && !this.file.isEmpty) throw notEmpty(path)
      // Reading drops an unfinished last line. If that is the only line, the file is a truncated journal only if it begins like one.
      if (!this.file.beginsAs(JSON.stringify(HEADER))) throw notAJournal(path, 1)
      this.replay(path)
      if (this.file.isEmpty) this.file.append(HEADER)
    } catch (error) {
      this.releaseFile()
      throw error
    }
  }

  override close(): Operation<void> {
    const closing = super.close()
    return immediate(() => {
      this.releaseFile()
      closing[Symbol.iterator]().next()
    })
  }

  protected override admit(requests: readonly CrawlRequest[]): CrawlRequest[] {
    const added = super.admit(requests)
    if (added.length > 0) this.write({ add: added.map(encodeRequest) })
    return added
  }

  protected override finish(lease: Entry, also: readonly string[]): void {
    this.write(also.length === 0 ? { done: lease.id } : { done: lease.id, also })
    super.finish(lease, also)
  }

  protected override putBack(lease: Entry, delay: number): void {
    this.writeRetry(lease, delay, lease.expired)
    super.putBack(lease, delay)
  }

  protected override expire(lease: Entry): void {
    this.writeRetry(lease, 0, lease.expired + 1)
    super.expire(lease)
  }

  protected override giveUp(lease: Entry, reason: string): void {
    this.write({ fail: lease.id, reason })
    super.giveUp(lease, reason)
  }

  private writeRetry({ id, attempt }: Entry, delay: number, expired: number): void {
    const line = { retry: id, attempt: attempt + 1, at: Date.now() + delay }
    this.write(expired === 0 ? line : { ...line, expired })
  }

  private write(line: Line): void {
    if (this.lock.isLost)
      throw new Error('Expected to be the only one with this journal, but another has taken it over')
    this.file.append(line)
  }

  private releaseFile(): void {
    try {
      this.file.close()
    } finally {
      this.lock.release()
    }
  }

  private replay(path: string): void {
    const requests: CrawlRequest[] = []
    const settled = new Set<number>()
    const tries = new Map<number, { attempt: number; at: number | null; expired?: number }>()
    const also: string[] = []
    let number = 0
    for (const text of this.file.read()) {
      number += 1
      const line = parseLine(text, requests.length)
      if (line === undefined || (number === 1) !== 'journal' in line) throw notAJournal(path, number)
      if ('add' in line) {
        for (const added of line.add) requests.push(decodeRequest(added))
      } else if ('done' in line) {
        settled.add(line.done)
        this.done += 1
        also.push(...(line.also ?? []))
      } else if ('retry' in line) {
        tries.set(line.retry, line)
      } else if ('fail' in line) {
        settled.add(line.fail)
        this.failed += 1
      }
    }
    requests.forEach((request, id) => {
      const { attempt = 1, expired = 0, at = 0 } = tries.get(id) ?? {}
      this.restore(request, settled.has(id) ? undefined : { attempt, expired, delay: (at ?? Infinity) - Date.now() })
    })
    for (const url of also) this.seen.add(url)
  }
}

/** Encodes a request for the journal, omitting unset fields at the end. */
function encodeRequest({ url, depth, from, kind, key }: CrawlRequest): Added {
  const fields = [url, depth, from ?? null, kind ?? null, key]
  while (fields.length > 2 && (fields.at(-1) ?? null) === null) fields.pop()
  return fields as unknown as Added
}

function decodeRequest([url, depth, from, kind, key]: Added): CrawlRequest {
  return { url, depth, from: from ?? undefined, kind: kind ?? undefined, key }
}

function notEmpty(path: string): RangeError {
  return new RangeError(
    `Expected \`journal\` to be a new file, got ${show(path)}, which is not empty: set \`resume\` to go on`,
  )
}

function notAJournal(path: string, line: number): RangeError {
  return new RangeError(`Expected a journal in ${show(path)}, got something else in line ${line}`)
}

/** Parses a line that follows those that added `count` requests; `undefined` if it is damaged. */
function parseLine(text: string, count: number): Line | undefined {
  try {
    const line: unknown = JSON.parse(text)
    return isLine(line, count) ? line : undefined
  } catch {
    return undefined
  }
}

function isLine(value: unknown, count: number): value is Line {
  if (typeof value !== 'object' || value === null) return false
  const line = value as Record<string, unknown>
  const isKnown = (id: unknown) => isWhole(id) && id < count
  if ('add' in line) return isList(line.add, isAdded)
  if ('done' in line) return isKnown(line.done) && (line.also === undefined || isList(line.also, isText))
  if ('retry' in line) {
    const { attempt, at, expired = 0 } = line
    return isKnown(line.retry) && isWhole(attempt) && (at === null || Number.isFinite(at)) && isWhole(expired)
  }
  return 'fail' in line ? isKnown(line.fail) : 'journal' in line
}

const isList = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem)
const isText = (value: unknown): value is string => typeof value === 'string'
const isWhole = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0

function isAdded(added: unknown): boolean {
  if (!Array.isArray(added)) return false
  const [url, depth, from, kind, key] = added as unknown[]
  return isText(url) && URL.canParse(url) && isWhole(depth) && [from, kind, key].every((field) => isText(field ?? ''))
}
