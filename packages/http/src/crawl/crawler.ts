import { Event, GreenletExit, Group, type Suspension, sleep } from '@greenlit/core'
import { drive } from '@greenlit/core/engine'
import { crawlableUrl } from './crawlable-url.ts'
import { frontierOf } from './frontier/custom-frontier.ts'
import type { CrawlRequest, Frontier, FrontierStats, Lease } from './frontier/frontier.ts'
import { JournalFrontier } from './frontier/journal-frontier.ts'
import { MemoryFrontier } from './frontier/memory-frontier.ts'
import { HostSlots, VisitSlot } from './host-slots.ts'
import { Pacing } from './pacing.ts'
import type { CrawlSettings } from './settings.ts'
import { type CrawlStats, Tally } from './stats.ts'
import { Visitor } from './visitor.ts'

/**
 * How long to wait before polling a frontier that other crawlers share, or that has due requests which are held back: at first, doubling
 * each time, and at most.
 */
const FIRST_WAIT = 10
const LONGEST_WAIT = 1000
/** How many visits may wait at most for their turn at a host that they were redirected to, or whose robots.txt they have just read. */
const MOST_WAITING = 1000

/** A single crawl: leases URLs up to the concurrency limits, and visits each in its own greenlet. */
export class Crawler {
  private readonly settings: CrawlSettings
  private readonly frontier: Frontier
  /** The frontier if it was created here, and so must be closed here. */
  private readonly ownFrontier: MemoryFrontier | undefined
  private readonly pacing: Pacing
  private readonly tally = new Tally()
  private readonly visitor: Visitor
  private readonly greenlets = new Group()
  /** Set when a visit has ended: there may be room for another one, or new URLs. */
  private readonly changed = new Event()
  private readonly slots: HostSlots
  private inFlight = 0
  /** How many visits are in progress or completed. Skipped URLs, sitemaps and attempts that will be repeated are subtracted again. */
  private visits = 0
  private ending = false
  private poll = FIRST_WAIT
  private failure: { readonly error: unknown } | undefined = undefined

  constructor(settings: CrawlSettings) {
    this.settings = settings
    const { journal, resume = false } = settings
    if (settings.frontier === undefined)
      this.ownFrontier = journal === undefined ? new MemoryFrontier() : new JournalFrontier(journal, { resume })
    this.frontier = this.ownFrontier ?? frontierOf(settings.frontier!)
    this.pacing = new Pacing(settings.delay, settings.autothrottle, () => this.changed.set())
    this.slots = new HostSlots(settings.concurrency, settings.perHost, this.pacing, this.changed)
    this.visitor = new Visitor(settings, this.frontier, this.pacing, this.tally)
  }

  *run(): Generator<Suspension, CrawlStats, unknown> {
    const { settings } = this
    const stop = () => {
      this.slots.stop()
      this.changed.set()
    }
    settings.stop?.rawlink(stop)
    try {
      yield* this.addSeeds()
      if (settings.onProgress !== undefined) this.greenlets.spawn(() => this.reportPeriodically())
      yield* this.work()
      yield* this.reportProgress()
      return this.tally.stats()
    } finally {
      this.ending = true
      settings.stop?.unlink(stop)
      try {
        yield* this.greenlets.kill()
      } finally {
        if (settings.ownsSession) settings.session.close()
        if (this.ownFrontier !== undefined) yield* this.ownFrontier.close()
      }
    }
  }

  private *addSeeds(): Generator<Suspension, void, unknown> {
    const requests: CrawlRequest[] = []
    // A resumed crawl stays on the hosts of the original one.
    if (this.frontier instanceof MemoryFrontier) for (const host of this.frontier.hosts) this.settings.hosts.learn(host)
    for (const seed of this.settings.seeds) {
      const checked = crawlableUrl(seed, this.settings.queryOrder)
      if ('url' in checked) {
        const { url, key, origin } = checked
        this.settings.hosts.learn(origin.host)
        requests.push({ url, key, depth: 0 })
      } else {
        yield* this.visitor.reject(checked)
      }
    }
    yield* this.frontier.add(requests)
  }

  private *work(): Generator<Suspension, void, unknown> {
    const { settings, frontier } = this
    for (;;) {
      if (this.failure !== undefined) throw this.failure.error
      this.changed.clear()
      // The link of an event that was set just now has not been called yet.
      if (settings.stop?.isSet() === true) this.slots.stop()
      const allowed = this.slots.isStopped ? 0 : settings.maxPages - this.visits
      const room = Math.min(this.slots.room, settings.concurrency + MOST_WAITING - this.inFlight, allowed)
      const leases = room <= 0 ? [] : yield* this.lease(room)
      for (const lease of leases) this.start(lease)
      if (leases.length > 0) {
        this.poll = FIRST_WAIT
        continue
      }
      const stats = yield* frontier.stats()
      if (this.inFlight === 0 && (allowed <= 0 || stats.queued + stats.leased === 0)) return
      yield* this.changed.wait({ timeout: this.waitFor(stats, room) })
    }
  }

  private *lease(count: number): Generator<Suspension, Lease[], unknown> {
    this.slots.reserve(count)
    try {
      return yield* this.frontier.lease(this.leaseOptions(count))
    } finally {
      this.slots.reserve(0)
    }
  }

  private leaseOptions(count: number): Parameters<Frontier['lease']>[0] {
    const { perHost } = this.settings
    const { slots } = this
    const resting = this.pacing.hosts()
    // The frontier does not know about requests that were redirected to another host. While there are any, lease one request per host
    // at a time, from hosts that have room.
    const except = slots.matchLeases ? resting : new Set([...resting, ...slots.busyHosts()])
    const isCareful = this.pacing.isSpaced || !slots.matchLeases
    return isCareful ? { count, perHost, perHostNow: 1, except } : { count, perHost, except }
  }

  /** Returns how long to wait for an event before asking the frontier again; `undefined` for no limit. */
  private waitFor(stats: FrontierStats, room: number): number | undefined {
    if (room <= 0) return undefined
    const wakes = this.pacing.wakesIn()
    // A due request that was not leased is held back by its host, which is resting or busy, or it has become due only just now.
    const isHeldBack = stats.dueIn === 0 && (wakes !== undefined || this.inFlight > 0)
    const due = isHeldBack ? LONGEST_WAIT : stats.dueIn
    let others: number | undefined
    if (this.inFlight < stats.leased) {
      others = this.poll
      this.poll = Math.min(2 * this.poll, LONGEST_WAIT)
    }
    const soonest = Math.min(due ?? Infinity, wakes ?? Infinity, others ?? Infinity)
    return soonest === Infinity ? undefined : Math.max(soonest, 1)
  }

  private start(lease: Lease): void {
    this.inFlight += 1
    this.visits += 1
    this.pacing.started(lease.host)
    const slot = new VisitSlot(this.slots, lease.host)
    this.greenlets.spawn(() => this.visit(lease, slot))
  }

  private *visit(lease: Lease, slot: VisitSlot): Generator<Suspension, void, unknown> {
    try {
      if (!(yield* this.visitor.visit(lease, slot))) this.visits -= 1
    } catch (error) {
      // Only a kill of the whole crawl leaves a URL unsettled, so that a resumed crawl visits it.
      if (this.ending) return
      if (error instanceof GreenletExit) yield* this.killed(lease, error)
      else this.failure ??= { error }
    } finally {
      slot.release()
      this.inFlight -= 1
      this.changed.set()
    }
  }

  /** Gives up a page whose `handle` ended the greenlet of the visit. */
  private *killed(lease: Lease, error: GreenletExit): Generator<Suspension, void, unknown> {
    try {
      yield* this.visitor.killed(lease, error)
    } catch (further) {
      if (!this.ending) this.failure ??= { error: further }
    }
  }

  private *reportPeriodically(): Generator<Suspension, void, unknown> {
    const { progressInterval } = this.settings
    for (;;) {
      yield* sleep(progressInterval)
      try {
        yield* this.reportProgress()
      } catch (error) {
        if (error instanceof GreenletExit) throw error
        this.failure ??= { error }
        this.changed.set()
        return
      }
    }
  }

  private *reportProgress(): Generator<Suspension, void, unknown> {
    const { onProgress } = this.settings
    if (onProgress === undefined) return
    const { queued } = yield* this.frontier.stats()
    yield* drive(onProgress(this.tally.progress(queued, this.slots.active)))
  }
}
