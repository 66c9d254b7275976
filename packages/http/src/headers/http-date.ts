const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/**
 * IMF-fixdate and RFC 850 (RFC 9110 section 5.6.7), and variants of them that servers send: a day of one digit, no day of the week,
 * a time zone as in mail, or none, which means UTC.
 */
const DAY_FIRST =
  /^(?:[a-z]{3,9}, ?)?(\d{1,2})[ -]([a-z]{3})[ -](\d{4}|\d{2}) (\d{2}):(\d{2}):(\d{2})(?: (?:gmt|utc?|z|([+-])(\d{2})(\d{2})))?$/
const ASCTIME = /^[a-z]{3} ([a-z]{3}) ([ \d]?\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/

/**
 * Parses an HTTP date (RFC 9110 section 5.6.7), in any of its three forms, or one that is written almost like that.
 *
 * @param text such as `Sun, 06 Nov 1994 08:49:37 GMT`
 * @param now the time that a two-digit year is relative to, in milliseconds since 1970. Default: the current time
 * @returns milliseconds since 1970; `undefined` if the text is not a valid date
 */
export function parseHttpDate(text: string, now: number = Date.now()): number | undefined {
  const date = text.trim().toLowerCase()
  let found = DAY_FIRST.exec(date)
  if (found !== null) {
    const year = found[3]!.length === 2 ? completeYear(found[3]!, now) : found[3]!
    const time = toTime(year, found[2]!, found[1]!, found[4]!, found[5]!, found[6]!)
    return time === undefined ? undefined : time - offsetOf(found[7], found[8]!, found[9]!)
  }
  found = ASCTIME.exec(date)
  return found === null ? undefined : toTime(found[6]!, found[1]!, found[2]!, found[3]!, found[4]!, found[5]!)
}

/** The offset of a time zone from UTC, in milliseconds. */
function offsetOf(sign: string | undefined, hours: string, minutes: string): number {
  if (sign === undefined) return 0
  return (sign === '-' ? -60_000 : 60_000) * (Number(hours) * 60 + Number(minutes))
}

/** A year that would be more than 50 years ahead is the most recent past year with these digits. */
function completeYear(digits: string, now: number): number {
  const thisYear = new Date(now).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + Number(digits)
  return year > thisYear + 50 ? year - 100 : year
}

function toTime(
  year: string | number,
  monthName: string,
  day: string,
  hour: string,
  minute: string,
  second: string,
): number | undefined {
  const month = MONTHS.indexOf(monthName)
  const date = new Date(0)
  date.setUTCFullYear(Number(year), month, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Math.min(Number(second), 59))
  const exists = date.getUTCMonth() === month && Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60
  return exists ? date.getTime() : undefined
}
