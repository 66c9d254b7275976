import type { CrawlProgress } from '../stats.ts'

/** The part of a terminal stream that the progress display needs. */
export interface Terminal {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

const MOST_HOSTS = 5
/** After an update, updates pause for this many times its duration: with very many hosts, finding the busiest takes long. */
const REST = 20

/** A progress display of a few lines at the bottom of a terminal. Writes nothing if the stream is not a terminal. */
export class LiveProgress {
  private readonly terminal: Terminal
  private shown = 0
  private restsUntil = 0

  constructor(terminal: Terminal) {
    this.terminal = terminal
  }

  show(progress: CrawlProgress): void {
    const started = performance.now()
    if (!this.terminal.isTTY || started < this.restsUntil) return
    // Some terminals report 0 columns when the width is unknown.
    const width = (this.terminal.columns || 80) - 1
    const lines = progressLines(progress).map((line) => line.slice(0, width))
    this.terminal.write(`${this.erasing()}${lines.join('\n')}\n`)
    this.shown = lines.length
    const ended = performance.now()
    this.restsUntil = ended + REST * (ended - started)
  }

  /** Erases the lines, so that other output can be written. */
  clear(): void {
    if (this.shown > 0) this.terminal.write(this.erasing())
    this.shown = 0
  }

  private erasing(): string {
    return this.shown === 0 ? '' : `\x1b[${this.shown}A\x1b[J`
  }
}

/** Formats the progress of a crawl: a line of totals, and one for each of the busiest hosts. */
function progressLines({
  pages,
  failed,
  retries,
  queued,
  inFlight,
  rate,
  bytes,
  elapsed,
  hosts,
}: CrawlProgress): string[] {
  const all = [
    `${(elapsed / 1000).toFixed(1)} s`,
    `${pages} pages`,
    `${rate.toFixed(1)}/s`,
    `${inFlight} in flight`,
    `${queued} queued`,
    `${failed} failed`,
    `${retries} retries`,
    size(bytes),
  ]
  const busiest = Object.entries(hosts)
    .map(([name, host]) => ({ name, ...host }))
    .sort((a, b) => b.pages + b.failed - a.pages - a.failed)
    .slice(0, MOST_HOSTS)
  const ofHosts = busiest.map(
    (host) =>
      `  ${host.name}: ${host.pages} pages, ${host.failed} failed, ${host.latency.toFixed(0)} ms, ${size(host.bytes)}`,
  )
  return [all.join(', '), ...ofHosts]
}

/** Formats a number of bytes for people. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), 4)
  return `${(bytes / 1024 ** power).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`
}
