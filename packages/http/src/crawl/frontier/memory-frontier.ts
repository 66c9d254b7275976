import type { Operation } from '@greenlit/core'
import { checkOptions, checkWhole, now, show } from '@greenlit/core/engine'
import { DelayQueue } from './delay-queue.ts'
import { Fingerprints } from './fingerprints.ts'
import type { CrawlRequest, Frontier, FrontierStats, Lease, LeaseOptions } from './frontier.ts'
import { immediate } from './immediate-operation.ts'
import { RequestQueue } from './request-queue.ts'

/** Options of `MemoryFrontier`. */
export interface MemoryFrontierOptions {
  /** How many milliseconds a lease lasts. After that the request may be leased again. Default unlimited. */
  readonly leaseTime?: number | undefined
  /** How many requests of a host are accepted. Further ones are ignored as if known, so that crawler traps end. Default 1 000 000. */
  readonly maxPerHost?: number | undefined
}

/** A request and its state. */
export interface Entry extends Lease {
  /** How many requests were added before this one. */
  readonly id: number
  readonly request: CrawlRequest
  readonly host: string
  attempt: number
  expired: number
  /** When the lease expires; `undefined` while not leased. */
  until: number | undefined
}

/**
 * A frontier in memory. It is fast, and its contents are lost when the process ends.
 *
 * @example
 * const frontier = new MemoryFrontier()
 * yield* frontier.add([{ url: 'https://example.org/', depth: 0 }])
 * const [lease] = yield* frontier.lease({ count: 1 })
 * if (lease !== undefined) yield* frontier.ack(lease)
 */
export class MemoryFrontier implements Frontier {
  private readonly leaseTime: number
  private readonly maxPerHost: number
  protected readonly seen = new Fingerprints()
  private readonly waiting = new RequestQueue<Entry>()
  /**
   * The requests of expired leases. They wait until nothing else is left, and are leased one at a time: whichever of them kills crawlers
   * does not take the others along.
   */
  private readonly suspects = new RequestQueue<Entry>()
  private isSuspectLeased = false
  private readonly later = new DelayQueue<Entry>()
  /** In the order in which the leases expire. */
  private readonly leased = new Set<Entry>()
  private readonly leasedByHost = new Map<string, number>()
  private readonly addedByHost = new Map<string, number>()
  private added = 0
  protected done = 0
  protected failed = 0

  /** @throws {RangeError} if an option is not a number above 0 */
  constructor(options?: MemoryFrontierOptions) {
    const { leaseTime = Infinity, maxPerHost = 1_000_000 } = checkOptions(options)
    this.leaseTime = checkPositive(leaseTime, 'leaseTime')
    this.maxPerHost = checkPositive(maxPerHost, 'maxPerHost')
  }

  /** The hosts, as in `Lease.host`, of all requests ever added. */
  get hosts(): Iterable<string> {
    return this.addedByHost.keys()
  }

  add(requests: readonly CrawlRequest[]): Operation<number> {
    checkRequests(requests)
    return immediate(() => this.admit(requests).length)
  }

  has(key: string): Operation<boolean> {
    return immediate(() => this.seen.has(key))
  }

  lease(options: LeaseOptions): Operation<Lease[]> {
    const { count, perHost = 1, perHostNow = 1 } = checkOptions(options)
    for (const [name, value] of Object.entries({ count, perHost, perHostNow })) checkPositive(value, name)
    return immediate(() => this.take(options))
  }

  ack(lease: Lease, also: readonly string[] = []): Operation<void> {
    return immediate(() => {
      if (this.release(lease)) this.finish(lease, also)
    })
  }

  retry(lease: Lease, delay: number): Operation<void> {
    if (typeof delay !== 'number' || !(delay >= 0)) {
      throw new RangeError(`Expected \`delay\` to be a number of milliseconds from 0 up, got ${show(delay)}`)
    }
    return immediate(() => {
      if (this.release(lease)) this.putBack(lease, delay)
    })
  }

  fail(lease: Lease, reason: string): Operation<void> {
    return immediate(() => {
      if (this.release(lease)) this.giveUp(lease, reason)
    })
  }

  stats(): Operation<FrontierStats> {
    return immediate(() => {
      this.update()
      return {
        queued: this.waiting.size + this.suspects.size + this.later.size,
        leased: this.leased.size,
        done: this.done,
        failed: this.failed,
        dueIn: this.dueIn(),
      }
    })
  }

  close(): Operation<void> {
    return immediate(() => {
      this.leased.clear()
      this.leasedByHost.clear()
      this.isSuspectLeased = false
    })
  }

  /** Adds the requests that are new, and returns them. */
  protected admit(requests: readonly CrawlRequest[]): CrawlRequest[] {
    // Most links of a site lead to known pages: only the URLs of the others are parsed, all before one is added.
    const unseen = requests.filter((request) => !this.seen.has(request.key ?? request.url))
    const hosts = unseen.map(hostOf)
    const added: CrawlRequest[] = []
    for (const [index, request] of unseen.entries()) {
      const key = request.key ?? request.url
      if (this.seen.has(key)) continue
      const host = hosts[index]!
      const count = this.addedByHost.get(host) ?? 0
      if (count >= this.maxPerHost) continue
      this.seen.add(key)
      this.addedByHost.set(host, count + 1)
      this.waiting.push({ id: this.added, request, host, attempt: 1, expired: 0, until: undefined })
      this.added += 1
      added.push(request)
    }
    return added
  }

  /**
   * Adds a request of an earlier process in the state that it had reached there.
   *
   * @param waits its next attempt, how many of its leases expired, and in how many milliseconds it is due; `undefined` if it was
   *   finished or given up
   */
  protected restore(
    request: CrawlRequest,
    waits: { attempt: number; expired: number; delay: number } | undefined,
  ): void {
    const { host } = new URL(request.url)
    this.addedByHost.set(host, (this.addedByHost.get(host) ?? 0) + 1)
    this.seen.add(request.key ?? request.url)
    if (waits !== undefined) {
      const { attempt, expired, delay } = waits
      const entry = { id: this.added, request, host, attempt, expired, until: undefined }
      if (delay > 0) this.later.push(now() + delay, entry)
      else this.enqueue(entry)
    }
    this.added += 1
  }

  protected finish(_lease: Entry, also: readonly string[]): void {
    this.done += 1
    for (const key of also) this.seen.add(key)
  }

  protected putBack(lease: Entry, delay: number): void {
    const { id, request, host, attempt, expired } = lease
    this.later.push(now() + delay, { id, request, host, attempt: attempt + 1, expired, until: undefined })
  }

  /** Puts a request whose lease has expired back into the queue. */
  protected expire(lease: Entry): void {
    this.enqueue({ ...lease, attempt: lease.attempt + 1, expired: lease.expired + 1, until: undefined })
  }

  protected giveUp(_lease: Entry, _reason: string): void {
    this.failed += 1
  }

  private enqueue(entry: Entry): void {
    const queue = entry.expired > 0 ? this.suspects : this.waiting
    queue.push(entry)
  }

  private take({ count, perHost = Infinity, perHostNow = Infinity, except }: LeaseOptions): Lease[] {
    this.update()
    const room = (host: string) =>
      except?.has(host) ? 0 : Math.min(perHostNow, perHost - (this.leasedByHost.get(host) ?? 0))
    let entries = this.waiting.take(count, room)
    if (entries.length === 0 && !this.isSuspectLeased) {
      entries = this.suspects.take(1, room)
      this.isSuspectLeased = entries.length > 0
    }
    const until = now() + this.leaseTime
    return entries.map((entry) => {
      // Each lease is a new object, so that an expired lease can be told from the current one for the same request.
      const lease: Entry = { ...entry, until }
      this.leased.add(lease)
      this.leasedByHost.set(lease.host, (this.leasedByHost.get(lease.host) ?? 0) + 1)
      return lease
    })
  }

  /** Returns in how many milliseconds there may be something to lease. */
  private dueIn(): number | undefined {
    if (this.waiting.size > 0 || (this.suspects.size > 0 && !this.isSuspectLeased)) return 0
    const [oldest] = this.leased
    const at = Math.min(this.later.next ?? Infinity, oldest?.until ?? Infinity)
    return at === Infinity ? undefined : Math.max(0, at - now())
  }

  /** Ends a lease. Returns false if it had already ended. */
  private release(lease: Lease): lease is Entry {
    if (!this.leased.delete(lease as Entry)) return false
    if ((lease as Entry).expired > 0) this.isSuspectLeased = false
    const left = (this.leasedByHost.get(lease.host) ?? 1) - 1
    if (left === 0) this.leasedByHost.delete(lease.host)
    else this.leasedByHost.set(lease.host, left)
    return true
  }

  /** Ends the leases whose time is up, and queues the requests that have become due. */
  private update(): void {
    this.endLeases()
    for (let entry = this.later.shift(now()); entry !== undefined; entry = this.later.shift(now())) {
      this.enqueue(entry)
    }
  }

  private endLeases(): void {
    if (this.leaseTime === Infinity) return
    for (const lease of this.leased) {
      if (lease.until! > now()) break
      this.release(lease)
      this.expire(lease)
    }
  }
}

function checkRequests(requests: unknown): void {
  if (!Array.isArray(requests)) throw new TypeError(`Expected \`requests\` to be an array, got ${show(requests)}`)
  for (const request of requests) {
    if (typeof request?.url !== 'string') {
      throw new TypeError(`Expected \`requests\` to hold requests, as { url, depth: 0 }, got ${show(request)}`)
    }
    checkWhole(request.depth, 'depth', 0)
  }
}

function hostOf({ url }: CrawlRequest): string {
  try {
    return new URL(url).host
  } catch {
    throw new RangeError(`Expected \`requests\` to hold absolute URLs, got ${show(url)}`)
  }
}

function checkPositive(value: unknown, name: string): number {
  if (typeof value === 'number' && value > 0) return value
  throw new RangeError(`Expected \`${name}\` to be a number above 0, got ${show(value)}`)
}
