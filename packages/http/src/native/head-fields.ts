import type { Framing } from '../engine/framing.ts'
import { keepAliveLifetime } from '../engine/keep-alive-lifetime.ts'
import { trimWhitespace } from '../headers/trim-whitespace.ts'
import { MalformedMessage } from './malformed-message.ts'

const NO_COOKIES: readonly string[] = []
/** Lengths from here on are rejected: no 64-bit number can hold them. */
const TOO_MANY_BYTES = 2n ** 64n

/** The headers that determine the framing of a response and the fate of its connection, collected while they are parsed. */
export class HeadFields implements Framing {
  location: string | undefined = undefined
  contentLength: number | undefined = undefined
  contentEncoding: string | undefined = undefined
  setCookies: readonly string[] = NO_COOKIES
  /** Whether the last transfer coding is 'chunked'; `undefined` if there is none. */
  isChunked: boolean | undefined = undefined
  /** Whether the Connection header says `close`, or `keep-alive`. */
  closes = false
  keeps = false
  /** How long the server keeps an idle connection, in milliseconds. */
  lifetime: number = Infinity

  /**
   * Examines a header, whose name and value are at the given positions.
   *
   * @throws {MalformedMessage} if it makes the length of the body ambiguous
   */
  note(bytes: Buffer, nameAt: number, nameEnd: number, valueAt: number, valueEnd: number): void {
    // The length rules out most names without looking at their letters.
    switch (nameEnd - nameAt) {
      case 8:
        if (isCalled(bytes, nameAt, 'location'))
          this.location ??= bytes.toString('latin1', valueAt, valueEnd) || undefined
        break
      case 10:
        if (isCalled(bytes, nameAt, 'connection')) this.noteConnection(bytes.toString('latin1', valueAt, valueEnd))
        else if (isCalled(bytes, nameAt, 'set-cookie')) this.addCookie(bytes.toString('latin1', valueAt, valueEnd))
        else if (isCalled(bytes, nameAt, 'keep-alive')) this.noteLifetime(bytes.toString('latin1', valueAt, valueEnd))
        break
      case 14:
        if (isCalled(bytes, nameAt, 'content-length')) this.noteLength(bytes, valueAt, valueEnd)
        break
      case 16:
        if (isCalled(bytes, nameAt, 'content-encoding')) this.addCoding(bytes.toString('latin1', valueAt, valueEnd))
        else if (isCalled(bytes, nameAt, 'proxy-connection'))
          this.noteConnection(bytes.toString('latin1', valueAt, valueEnd))
        break
      case 17:
        if (isCalled(bytes, nameAt, 'transfer-encoding')) this.noteTransfer(bytes.toString('latin1', valueAt, valueEnd))
        break
    }
  }

  /** Rejects a second length, or one beside a transfer coding: both allow request smuggling (RFC 9112 section 6.3). */
  private noteLength(bytes: Buffer, at: number, end: number): void {
    if (this.contentLength !== undefined) throw new MalformedMessage('it has two lengths')
    if (this.isChunked !== undefined) throw new MalformedMessage('it has a length beside a transfer coding')
    if (at === end) throw new MalformedMessage('its length is empty')
    let length = 0
    for (let index = at; index < end; index += 1) {
      const digit = bytes[index]! - 0x30
      if (!(digit >= 0 && digit <= 9)) throw new MalformedMessage('its length is no number')
      length = length * 10 + digit
    }
    // Numbers are inexact beyond this point, which does not matter for any length that can occur.
    if (length >= Number.MAX_SAFE_INTEGER && BigInt(bytes.toString('latin1', at, end)) >= TOO_MANY_BYTES)
      throw new MalformedMessage('its length is beyond all bounds')
    this.contentLength = length
  }

  private noteTransfer(value: string): void {
    if (this.contentLength !== undefined) throw new MalformedMessage('it has a transfer coding beside a length')
    const last = trimWhitespace(value.slice(value.lastIndexOf(',') + 1))
    if (value === '') throw new MalformedMessage('its transfer coding is empty')
    this.isChunked = last.toLowerCase() === 'chunked'
  }

  private noteConnection(value: string): void {
    // Usually there is a single option.
    for (const option of value.includes(',') ? value.split(',') : [value]) {
      const word = trimWhitespace(option).toLowerCase()
      if (word === 'close') this.closes = true
      else if (word === 'keep-alive') this.keeps = true
    }
  }

  private noteLifetime(value: string): void {
    // A server sends the same value with each response.
    if (value !== lastKeepAlive.value) lastKeepAlive = { value, lifetime: keepAliveLifetime(value) }
    this.lifetime = Math.min(this.lifetime, lastKeepAlive.lifetime)
  }

  private addCookie(cookie: string): void {
    if (this.setCookies === NO_COOKIES) this.setCookies = [cookie]
    else (this.setCookies as string[]).push(cookie)
  }

  private addCoding(coding: string): void {
    this.contentEncoding = this.contentEncoding === undefined ? coding : `${this.contentEncoding}, ${coding}`
  }
}

let lastKeepAlive = { value: '', lifetime: Infinity }

/** Compares a name case-insensitively. Bit 0x20 is the case of a letter; no other token character is changed into a letter by it. */
function isCalled(bytes: Buffer, at: number, lower: string): boolean {
  for (let index = 0; index < lower.length; index += 1) {
    if ((bytes[at + index]! | 0x20) !== lower.charCodeAt(index)) return false
  }
  return true
}
