import { parseHttpDate } from '../headers/http-date.ts'

/**
 * Parses a `Retry-After` header: the wait it asks for in milliseconds from now (RFC 9110 section 10.2.3). It holds seconds or a date;
 * a date in the past is 0. `undefined` if it is neither.
 */
export function retryAfter(header: string, now: number = Date.now()): number | undefined {
  const text = header.trim()
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000
  const date = parseHttpDate(text, now)
  return date === undefined ? undefined : Math.max(date - now, 0)
}
