import { now } from '@greenlit/core/engine'
import type { Visit } from './visit.ts'

/** Statistics about a host. */
export interface HostStats {
  readonly pages: number
  readonly failed: number
  readonly retries: number
  readonly bytes: number
  /** The average duration of a request, in milliseconds. */
  readonly latency: number
}

/** How many URLs were skipped, by reason. */
export interface SkippedStats {
  /** Disallowed by robots.txt. */
  readonly robots: number
  /** Redirected to a page that the crawl visits under its own URL. */
  readonly duplicate: number
  /** Redirected to a host that is not allowed. */
  readonly offsite: number
}

/** Statistics about a crawl. */
export interface CrawlStats {
  /** Pages that were fetched and handled. */
  readonly pages: number
  /** URLs that were given up. */
  readonly failed: number
  /** How many times a URL was put back for another attempt. */
  readonly retries: number
  readonly skipped: SkippedStats
  /** The total size of the bodies in bytes, decompressed. */
  readonly bytes: number
  /** The duration of the crawl in milliseconds. */
  readonly elapsed: number
  /** The number of visited URLs by the status of their last response; those of retries are not counted. */
  readonly statuses: Readonly<Record<string, number>>
  /** The number of pages by encoding, of those whose text was read. */
  readonly encodings: Readonly<Record<string, number>>
  /** The number of URLs given up, by the name of the error. */
  readonly errors: Readonly<Record<string, number>>
  /** Statistics by host, with its port unless that is the scheme's default. */
  readonly hosts: Readonly<Record<string, HostStats>>
}

/** The progress of a crawl. `hosts` is computed when first read. */
export interface CrawlProgress
  extends Pick<CrawlStats, 'pages' | 'failed' | 'retries' | 'bytes' | 'elapsed' | 'hosts'> {
  /** How many URLs are waiting. */
  readonly queued: number
  /** How many URLs are being visited. */
  readonly inFlight: number
  /** Pages per second since the previous report. */
  readonly rate: number
}

interface HostCount {
  pages: number
  failed: number
  retries: number
  bytes: number
  time: number
}

/** Counts the events of a crawl. */
export class Tally {
  private readonly started: number = now()
  private pages = 0
  private failed = 0
  private retries = 0
  private bytes = 0
  private readonly skipped = { robots: 0, duplicate: 0, offsite: 0 }
  private readonly statuses = new Map<string, number>()
  private readonly encodings = new Map<string, number>()
  private readonly errors = new Map<string, number>()
  private readonly hosts = new Map<string, HostCount>()
  private before = { at: this.started, pages: 0 }

  /** Milliseconds since the crawl began. */
  get elapsed(): number {
    return now() - this.started
  }

  visit(visit: Visit): void {
    if (visit.host !== '') this.visitHost(visit)
    if (visit.status !== undefined) count(this.statuses, String(visit.status))
    if (visit.ok) {
      this.pages += 1
      this.bytes += visit.bytes
      if (visit.encoding !== undefined) count(this.encodings, visit.encoding)
    } else {
      this.failed += 1
      count(this.errors, visit.error.name)
    }
  }

  retry(host: string): void {
    this.retries += 1
    this.hostOf(host).retries += 1
  }

  skip(why: keyof SkippedStats): void {
    this.skipped[why] += 1
  }

  stats(): CrawlStats {
    return {
      pages: this.pages,
      failed: this.failed,
      retries: this.retries,
      skipped: { ...this.skipped },
      bytes: this.bytes,
      elapsed: this.elapsed,
      statuses: Object.fromEntries(this.statuses),
      encodings: Object.fromEntries(this.encodings),
      errors: Object.fromEntries(this.errors),
      hosts: this.hostStats(),
    }
  }

  progress(queued: number, inFlight: number): CrawlProgress {
    const at = now()
    const seconds = (at - this.before.at) / 1000
    const rate = seconds > 0 ? (this.pages - this.before.pages) / seconds : 0
    this.before = { at, pages: this.pages }
    const { pages, failed, retries, bytes, elapsed } = this
    const hostStats = () => this.hostStats()
    let hosts: Record<string, HostStats> | undefined
    return {
      pages,
      failed,
      retries,
      bytes,
      elapsed,
      queued,
      inFlight,
      rate,
      // Computed on demand: there may be very many hosts.
      get hosts() {
        return (hosts ??= hostStats())
      },
    }
  }

  private hostStats(): Record<string, HostStats> {
    const entries = Array.from(this.hosts, ([name, { time, ...counts }]) => {
      const requests = counts.pages + counts.failed
      return [name, { ...counts, latency: requests === 0 ? 0 : time / requests }] as const
    })
    return Object.fromEntries(entries)
  }

  private visitHost(visit: Visit): void {
    const host = this.hostOf(visit.host)
    host.time += visit.elapsed
    if (visit.ok) {
      host.pages += 1
      host.bytes += visit.bytes
    } else {
      host.failed += 1
    }
  }

  private hostOf(name: string): HostCount {
    let host = this.hosts.get(name)
    if (host === undefined) this.hosts.set(name, (host = { pages: 0, failed: 0, retries: 0, bytes: 0, time: 0 }))
    return host
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
