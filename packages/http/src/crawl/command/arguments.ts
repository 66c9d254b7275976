import { readFileSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { show } from '@greenlit/core/engine'
import { encodingFromMark } from '../../encoding/declared.ts'
import { decode } from '../../encoding/decode.ts'
import { realPath } from '../real-path.ts'

/** The parsed arguments of the command. */
export interface CommandArguments {
  readonly urls: readonly string[]
  readonly concurrency: number | undefined
  readonly perHost: number | undefined
  readonly delay: number | undefined
  readonly depth: number
  readonly maxPages: number | undefined
  readonly maxSize: number | undefined
  readonly timeout: number | undefined
  readonly retries: number | undefined
  readonly hosts: readonly string[] | undefined
  readonly allow: readonly string[]
  readonly allowPrivate: boolean
  readonly robots: boolean
  readonly sitemaps: boolean
  readonly autothrottle: boolean
  readonly userAgent: string | undefined
  readonly out: string | undefined
  readonly journal: string | undefined
  readonly resume: boolean
  readonly report: string | undefined
  readonly json: boolean
}

/** The usage line. */
export const USAGE: string =
  'usage: greenlit-crawl [URL...] [--file LIST] [--depth N] [--concurrency N] [--per-host N] [--delay MS] [--out FILE] [--journal FILE [--resume]] [--report FILE] [--json] [--allow-private] (--help shows all)'

/** The text of `--help`. */
export const HELP = `${USAGE.replace(/ \(.*$/, '')}

What to crawl
  URL...              where to begin; http:// may be left out
  --file LIST         a file with one URL per line; lines that begin with # are ignored; - reads standard input
  --depth N           how many links to follow from there; default 0, only the URLs themselves
  --host NAME         a host to stay on, including its subdomains, or '*' for any; may be repeated; default only those of the URLs
  --sitemaps          read the sitemaps that robots.txt names
  --max-pages N       how many URLs to visit at most

How to crawl
  --concurrency N     pages at the same time; default 16
  --per-host N        pages of one host at the same time; default 8
  --delay MS          milliseconds between two requests to a host; default 0
  --autothrottle      adapt the delay to how fast a host responds
  --timeout MS        milliseconds for a page; default 30000
  --retries N         how many times to retry after a temporary failure; default 2
  --max-size BYTES    maximum size of a page; default 10485760
  --user-agent NAME   the crawler's User-Agent; default greenlit
  --no-robots         ignore robots.txt
  --allow NET         an address, network or host name that may be connected to although it is not public; may be repeated
  --allow-private     connect to any address

Output
  --json              write a line of JSON for each URL to standard output
  --out FILE          write the same lines to a file
  --journal FILE      keep the state of the crawl in a file
  --resume            resume the crawl recorded in the journal
  --report FILE       write an HTML report about the crawl

About the command
  -h, --help          show this help
  -V, --version       show the version

Exit status: 0 if it ran, 1 if every URL failed, 2 for wrong arguments, 130 after an interrupt.
`

const OPTIONS = {
  file: { type: 'string' },
  concurrency: { type: 'string' },
  'per-host': { type: 'string' },
  delay: { type: 'string' },
  depth: { type: 'string' },
  'max-pages': { type: 'string' },
  'max-size': { type: 'string' },
  timeout: { type: 'string' },
  retries: { type: 'string' },
  host: { type: 'string', multiple: true },
  allow: { type: 'string', multiple: true },
  'allow-private': { type: 'boolean' },
  'no-robots': { type: 'boolean' },
  sitemaps: { type: 'boolean' },
  autothrottle: { type: 'boolean' },
  'user-agent': { type: 'string' },
  out: { type: 'string' },
  journal: { type: 'string' },
  resume: { type: 'boolean' },
  report: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const

/**
 * Parses the command line.
 *
 * @returns the arguments, or `'help'` or `'version'` if that was requested
 * @throws {Error} for invalid arguments, with a message whose first line says what is wrong
 */
export function parseArguments(args: readonly string[]): CommandArguments | 'help' | 'version' {
  const { values, positionals } = parseArgs({ args: withValues(args), allowPositionals: true, options: OPTIONS })
  if (values.help) return 'help'
  if (values.version) return 'version'
  checkFiles(values)
  const urls = [...positionals, ...(values.file === undefined ? [] : listed(values.file))].map(withScheme)
  const resume = values.resume ?? false
  if (resume && values.journal === undefined) throw new RangeError('Expected --journal where --resume is')
  if (urls.length === 0 && !resume) {
    throw new RangeError(
      values.file === undefined
        ? 'Expected a URL, or a --file of URLs'
        : `Expected --file to list URLs, got none in ${values.file}`,
    )
  }
  return {
    urls,
    depth: number(values.depth, '--depth', 0) ?? 0,
    concurrency: number(values.concurrency, '--concurrency', 1),
    perHost: number(values['per-host'], '--per-host', 1),
    delay: number(values.delay, '--delay', 0),
    maxPages: number(values['max-pages'], '--max-pages', 1),
    maxSize: number(values['max-size'], '--max-size', 1),
    timeout: number(values.timeout, '--timeout', 1),
    retries: number(values.retries, '--retries', 0),
    hosts: values.host,
    allow: values.allow ?? [],
    allowPrivate: values['allow-private'] ?? false,
    robots: !values['no-robots'],
    sitemaps: values.sitemaps ?? false,
    autothrottle: values.autothrottle ?? false,
    userAgent: values['user-agent'],
    out: values.out,
    journal: values.journal,
    resume,
    report: values.report,
    json: values.json ?? false,
  }
}

/** Turns `--depth -1` into `--depth=-1`, so that the error is about the number rather than about an unknown option `-1`. */
function withValues(args: readonly string[]): string[] {
  const joined: string[] = []
  for (const arg of args) {
    const before = joined.at(-1)?.slice(2) ?? ''
    const takesValue = Object.hasOwn(OPTIONS, before) && OPTIONS[before as keyof typeof OPTIONS].type === 'string'
    if (takesValue && /^-\d/.test(arg) && !joined.includes('--')) joined[joined.length - 1] += `=${arg}`
    else joined.push(arg)
  }
  return joined
}

/** Checks that no file is used for two purposes, as one would overwrite the other. */
function checkFiles(values: Partial<Record<string, unknown>>): void {
  const used = new Map<string, string>()
  for (const option of ['file', 'journal', 'out', 'report']) {
    const given = values[option]
    if (typeof given !== 'string') continue
    if (given === '') throw new RangeError(`Expected --${option} to be the name of a file, got ""`)
    if (given.startsWith('/dev/') || given === '-') continue
    const file = fileOf(given)
    const other = used.get(file)
    if (other !== undefined)
      throw new RangeError(`Expected --${other} and --${option} to be different files, got ${show(given)} twice`)
    used.set(file, option)
  }
}

/** Returns the real path of a file. Errors are ignored here, as opening the file will report them. */
function fileOf(given: string): string {
  try {
    return realPath(given)
  } catch {
    return resolve(given)
  }
}

/** Matches a URL without scheme: it begins with `localhost`, a name with a dot in any script, or an IP address. */
const BEGINS_WITH_HOST =
  /^(?:localhost|[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)+\.?|\[[\da-f:.]+\])(?::\d+)?(?:[/?#]|$)/iu

/** Adds `http://` to a URL without scheme, such as `example.org/a` (as curl and scrapy's shell do). */
function withScheme(url: string): string {
  return BEGINS_WITH_HOST.test(url) ? `http://${url}` : url
}

function listed(file: string): string[] {
  const bytes = file === '-' ? standardInput() : readFileSync(file)
  // Windows PowerShell's `>` writes UTF-16.
  const lines = decode(bytes, encodingFromMark(bytes) ?? 'utf-8').split(/\r\n?|\n/)
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
}

/** Reads all of standard input. A pipe or terminal may fail with EAGAIN instead of waiting for data. */
function standardInput(): Buffer {
  const pieces: Buffer[] = []
  for (;;) {
    const piece = Buffer.allocUnsafe(64 * 1024)
    try {
      const count = readSync(0, piece)
      if (count === 0) return Buffer.concat(pieces)
      pieces.push(piece.subarray(0, count))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EOF') return Buffer.concat(pieces)
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

function number(given: string | undefined, name: string, least: number): number | undefined {
  if (given === undefined) return undefined
  if (/^\d+$/.test(given) && Number(given) >= least) return Number(given)
  throw new RangeError(`Expected ${name} to be a whole number from ${least} up, got ${show(given)}`)
}
