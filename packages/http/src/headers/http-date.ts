const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The three forms of RFC 9110 section 5.6.7: IMF-fixdate, RFC 850 and asctime. */
const FIXDATE = /^[a-z]{3}, (\d{2}) ([a-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) (?:gmt|utc)$/
const RFC_850 = /^[a-z]{6,9}, (\d{2})-([a-z]{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) (?:gmt|utc)$/
const ASCTIME = /^[a-z]{3} ([a-z]{3}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/

/**
 * Parses an HTTP date (RFC 9110 section 5.6.7), in any of its three forms.
 *
 * @param text such as `Sun, 06 Nov 1994 08:49:37 GMT`
 * @param now the time that a two-digit year is relative to, in milliseconds since 1970. Default: the current time
 * @returns milliseconds since 1970; `undefined` if the text is not a valid date
 */
export function parseHttpDate(text: string, now: number = Date.now()): number | undefined {
  const date = text.trim().toLowerCase()
  let found = FIXDATE.exec(date)
  if (found !== null) return toTime(found[3]!, found[2]!, found[1]!, found[4]!, found[5]!, found[6]!)
  found = RFC_850.exec(date)
  if (found !== null) return toTime(completeYear(found[3]!, now), found[2]!, found[1]!, found[4]!, found[5]!, found[6]!)
  found = ASCTIME.exec(date)
  return found === null ? undefined : toTime(found[6]!, found[1]!, found[2]!, found[3]!, found[4]!, found[5]!)
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
