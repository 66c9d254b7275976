/** The delimiters between tokens (RFC 6265 section 5.1.1). */
const DELIMITERS = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/
const TIME = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)/
const DAY = /^(\d{1,2})(?:\D|$)/
const MONTH = /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i
const YEAR = /^(\d{2,4})(?:\D|$)/
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/**
 * Parses the date of an `Expires` attribute like a browser: its parts may be in any order and have any delimiters (RFC 6265 section
 * 5.1.1).
 *
 * @returns milliseconds since 1970; `undefined` if it is not a date, in which case the attribute must be ignored
 */
export function parseCookieDate(text: string): number | undefined {
  let time: RegExpExecArray | null = null
  let day: number | undefined
  let month: number | undefined
  let year: number | undefined
  for (const token of text.split(DELIMITERS)) {
    let found: RegExpExecArray | null
    if (time === null && (found = TIME.exec(token)) !== null) time = found
    else if (day === undefined && (found = DAY.exec(token)) !== null) day = Number(found[1])
    else if (month === undefined && (found = MONTH.exec(token)) !== null)
      month = MONTHS.indexOf(found[1]!.toLowerCase())
    else if (year === undefined && (found = YEAR.exec(token)) !== null) year = completeYear(found[1]!)
  }
  if (time === null || day === undefined || month === undefined || year === undefined || year < 1601) return undefined
  const [hour, minute, second] = time.slice(1, 4).map(Number) as [number, number, number]
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const date = Date.UTC(year, month, day, hour, minute, second)
  return new Date(date).getUTCDate() === day ? date : undefined
}

function completeYear(digits: string): number {
  const year = Number(digits)
  if (digits.length === 4 || year > 99) return year
  return year >= 70 ? 1900 + year : 2000 + year
}
