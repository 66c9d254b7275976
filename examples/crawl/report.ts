import type { Visit } from './visit.ts'

const HEADINGS = ['url', 'status', 'encoding', 'bytes', 'ms']

/** The visits as a table, one line each: the response or the error. */
export function table(visits: readonly Visit[]): string {
  const rows = visits.map((visit) =>
    visit.ok
      ? [visit.url, String(visit.status), visit.encoding, String(visit.bytes), String(visit.milliseconds)]
      : [visit.url, visit.error, visit.message],
  )
  const widths = HEADINGS.map((heading, column) =>
    Math.max(
      heading.length,
      ...rows.filter((row) => row.length === HEADINGS.length || column === 0).map((row) => row[column]!.length),
    ),
  )
  const line = (row: readonly string[]) =>
    row.length === HEADINGS.length
      ? row
          .map((cell, column) => (column < 3 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
          .join('  ')
      : `${row[0]!.padEnd(widths[0]!)}  ${row[1]}: ${row[2]}`
  return [line(HEADINGS), ...rows.map(line)].map((text) => text.trimEnd()).join('\n')
}

/** A one-line summary of the run. */
export function summary(visits: readonly Visit[], milliseconds: number): string {
  const good = visits.filter((visit) => visit.ok)
  const bytes = good.reduce((sum, visit) => sum + (visit.ok ? visit.bytes : 0), 0)
  const seconds = (milliseconds / 1000).toFixed(1)
  return `${visits.length} URLs in ${seconds} s: ${good.length} fetched (${bytes} bytes), ${visits.length - good.length} failed`
}
