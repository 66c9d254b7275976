import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** The parsed arguments of the crawl command. */
export interface CrawlArguments {
  /** What to crawl; `undefined`: the embedded site. */
  readonly urls: readonly string[] | undefined
  /** JSON lines instead of a table. */
  readonly json: boolean
  /** Milliseconds for each page. */
  readonly timeout: number
}

/** The command's one-line help. */
export const USAGE = 'usage: npm run crawl -- [URL...] [--file urls.txt] [--json] [--timeout ms] [--help]'

/** Reads the command line: gives the arguments, or 'help' if that is asked for. Throws an error whose message says what is wrong. */
export function parseArguments(args: readonly string[]): CrawlArguments | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      file: { type: 'string' },
      json: { type: 'boolean' },
      timeout: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return 'help'
  const listed = values.file === undefined ? [] : readList(values.file)
  const urls = [...positionals, ...listed]
  const given = positionals.length > 0 || values.file !== undefined
  if (given && urls.length === 0) throw new RangeError(`Expected --file to list URLs, got none in ${values.file}`)
  return {
    urls: given ? urls : undefined,
    json: values.json ?? false,
    timeout: parseTimeout(values.timeout, given ? 30_000 : 3_000),
  }
}

function readList(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/)
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
}

function parseTimeout(given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise
  const timeout = Number(given)
  if (!(timeout > 0)) throw new RangeError(`Expected --timeout to be a number of milliseconds above 0, got ${given}`)
  return timeout
}
