import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { GreenletExit, runSync, spawn } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { crawl } from '../crawl.ts'
import type { CrawlPage } from '../crawl-page.ts'
import { JournalFrontier } from '../frontier/journal-frontier.ts'
import { JsonLinesFile } from '../json-lines-file.ts'
import { jsonLine } from '../line-file.ts'
import type { CrawlOptions } from '../options.ts'
import { crawlReport } from '../report/report.ts'
import type { SkippedStats } from '../stats.ts'
import type { Visit } from '../visit.ts'
import { type CommandArguments, HELP, parseArguments, USAGE } from './arguments.ts'
import { LiveProgress, size, type Terminal } from './live-progress.ts'
import { lineOf, recordOf, type VisitRecord } from './record.ts'

/** The streams that the command writes to. */
export interface CommandStreams {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: Terminal
}

/** How many visits the report lists. If there are more, the failed ones and the first of the others. */
const MOST_ROWS = 20_000
/** The command-line names of options of `crawl` that its error messages may mention. */
const OPTION_OF: Readonly<Record<string, string>> = {
  allowedHosts: '--host',
  allow: '--allow',
  userAgent: '--user-agent',
  journal: '--journal',
  resume: '--resume',
}

/**
 * The `greenlit-crawl` command. Writes results to standard output, and progress and errors to standard error.
 *
 * @param args the command-line arguments; `--help` lists them
 * @returns the exit status: 0 if it ran, 1 if every URL failed, the crawl ended early or the report could not be written, 2 for
 *   invalid arguments, 130 after an interrupt
 */
export async function crawlCommand(
  args: readonly string[],
  { stdout, stderr }: CommandStreams = process,
): Promise<number> {
  let parsed: CommandArguments | 'help' | 'version'
  let run: Run
  try {
    parsed = parseArguments(args)
    if (parsed === 'help') {
      stdout.write(HELP)
      return 0
    }
    if (parsed === 'version') {
      stdout.write(`greenlit-crawl ${versionOfPackage()}\n`)
      return 0
    }
    run = new Run(parsed, { stdout, stderr })
  } catch (error) {
    stderr.write(`${asCommandOptions((error as Error).message.split('\n', 1)[0]!)}\n${USAGE}\n`)
    return 2
  }
  return await run.go()
}

function versionOfPackage(): string {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

/** A single run of the command. */
class Run {
  private readonly args: CommandArguments
  private readonly streams: CommandStreams
  private readonly progress: LiveProgress
  private readonly out: JsonLinesFile | undefined
  private readonly journal: JournalFrontier | undefined
  private readonly operation: ReturnType<typeof crawl>
  private readonly started = performance.now()
  private readonly rows: VisitRecord[] = []
  private readonly titles = new Map<string, string>()
  private pages = 0
  private failed = 0
  private bytes = 0

  /** @throws {Error} for invalid arguments; the system's error if a file cannot be opened */
  constructor(args: CommandArguments, streams: CommandStreams) {
    this.args = args
    this.streams = streams
    this.progress = new LiveProgress(streams.stderr)
    const options = this.options()
    if (args.urls.length === 0 && args.journal !== undefined && !existsSync(args.journal))
      throw new RangeError(`Expected a URL, or a --journal to resume, got no file ${show(args.journal)}`)
    // Open the journal first, which fails if it must not be used: nothing is overwritten for a crawl that cannot begin.
    this.journal = args.journal === undefined ? undefined : new JournalFrontier(args.journal, { resume: args.resume })
    try {
      this.operation = crawl({ ...options, frontier: this.journal })
      // Find out before the crawl, not after it, if the report cannot be written.
      if (args.report !== undefined) appendFileSync(args.report, '')
      this.out = args.out === undefined ? undefined : new JsonLinesFile(args.out, { resume: args.resume })
    } catch (error) {
      if (this.journal !== undefined) runSync(this.journal.close())
      throw error
    }
  }

  async go(): Promise<number> {
    const { operation, journal } = this
    let failure: unknown
    let skipped: SkippedStats | undefined
    const greenlet = spawn(function* () {
      try {
        try {
          skipped = (yield* operation).skipped
        } finally {
          if (journal !== undefined) yield* journal.close()
        }
      } catch (error) {
        if (error instanceof GreenletExit) throw error
        failure = error
      }
    })
    let interrupted = false
    const interrupt = () => {
      if (interrupted) process.exit(130)
      interrupted = true
      greenlet.kill()
    }
    process.on('SIGINT', interrupt)
    process.on('SIGTERM', interrupt)
    try {
      await greenlet.join()
    } finally {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', interrupt)
    }
    try {
      this.out?.close()
    } catch (error) {
      failure ??= error
    }
    return this.end(failure, interrupted, skipped)
  }

  private end(failure: unknown, interrupted: boolean, skipped: SkippedStats | undefined): number {
    const { streams } = this
    this.progress.clear()
    const elapsed = performance.now() - this.started
    const reported = this.report(elapsed)
    const urls = this.pages + this.failed
    const summary = `${urls} URLs in ${(elapsed / 1000).toFixed(1)} s: ${this.pages} fetched (${size(this.bytes)}), ${this.failed} failed`
    streams.stderr.write(`${summary}${describeSkipped(skipped)}${interrupted ? ', interrupted' : ''}\n`)
    if (failure !== undefined) {
      streams.stderr.write(`The crawl ended early: ${failure instanceof Error ? failure.message : String(failure)}\n`)
      return 1
    }
    if (reported !== undefined) {
      streams.stderr.write(`The report could not be written: ${reported.message}\n`)
      return 1
    }
    if (interrupted) return 130
    return urls > 0 && this.pages === 0 ? 1 : 0
  }

  /** Writes the report if one was requested. Returns the error if that fails. */
  private report(elapsed: number): Error | undefined {
    const { pages, failed, bytes, args } = this
    if (args.report === undefined) return undefined
    try {
      writeFileSync(args.report, crawlReport(this.rows, { elapsed, pages, failed, bytes }))
      return undefined
    } catch (error) {
      return error as Error
    }
  }

  private options(): CrawlOptions {
    const { args } = this
    const { concurrency, perHost, delay, maxPages, timeout, retries, maxSize, userAgent } = args
    return {
      seeds: args.urls,
      concurrency,
      perHost,
      delay,
      maxDepth: args.depth,
      maxPages,
      timeout,
      retries,
      maxSize,
      userAgent,
      allowedHosts: args.hosts,
      robots: args.robots,
      sitemaps: args.sitemaps,
      autothrottle: args.autothrottle,
      guard: args.allowPrivate ? false : { allow: args.allow },
      handle: (page) => this.rememberTitle(page),
      onVisit: (visit) => this.writeVisit(visit),
      onProgress: (progress) => this.progress.show(progress),
      progressInterval: 200,
    }
  }

  /** Remembers the title of the page. Reading it also determines the encoding. */
  private rememberTitle(page: CrawlPage): void {
    const { title } = page
    if (title !== '') this.titles.set(page.requestedUrl, title)
  }

  private writeVisit(visit: Visit): void {
    const title = this.titles.get(visit.url)
    this.titles.delete(visit.url)
    const record = withCommandOptions(recordOf(visit, title))
    if (visit.ok) {
      this.pages += 1
      this.bytes += visit.bytes
    } else {
      this.failed += 1
    }
    if (this.args.report !== undefined && (this.rows.length < MOST_ROWS || !visit.ok)) this.rows.push(record)
    if (this.rows.length > 2 * MOST_ROWS) this.rows.pop()
    this.out?.write(record)
    this.progress.clear()
    this.streams.stdout.write(`${this.args.json ? jsonLine(record) : lineOf(record)}\n`)
  }
}

/** Describes the skipped URLs, if there were any. */
function describeSkipped(skipped: SkippedStats | undefined): string {
  if (skipped === undefined) return ''
  const { robots, duplicate, offsite } = skipped
  const parts = [
    robots > 0 ? `, ${robots} not allowed by robots.txt` : '',
    duplicate > 0 ? `, ${duplicate} redirected to other pages of the crawl` : '',
    offsite > 0 ? `, ${offsite} redirected to other hosts` : '',
  ]
  return parts.join('')
}

function withCommandOptions(record: VisitRecord): VisitRecord {
  const { error } = record
  return error === undefined ? record : { ...record, error: { ...error, message: asCommandOptions(error.message) } }
}

/** Replaces the option names of `crawl` in an error message with those of the command line. */
function asCommandOptions(message: string): string {
  return message.replace(/`(\w+)`/g, (all, name: string) => OPTION_OF[name] ?? all)
}
