import { parseHttpDate } from '../headers/http-date.ts'

/**
 * How long a `Retry-After` header asks to wait, in milliseconds from now on (RFC 9110 section 10.2.3): seconds or a date, which may
 * be over; `undefined` if it is neither.
 */
export function retryAfter(header: string, now: number = Date.now()): number | undefined {
  const text = header.trim()
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000
  const date = parseHttpDate(text, now)
  return date === undefined ? undefined : Math.max(date - now, 0)
}
