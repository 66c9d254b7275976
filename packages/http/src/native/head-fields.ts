import type { Framing } from '../engine/framing.ts'
import { lifetimeIn } from '../engine/lifetime.ts'
import { withoutSpace } from '../headers/without-space.ts'
import { MalformedMessage } from './malformed-message.ts'

const NO_COOKIES: readonly string[] = []
/** No system can tell as many bytes as this. */
const TOO_MANY_BYTES = 2n ** 64n

/** What the headers of a response say about the message and its connection, noted as they are read. */
export class HeadFields implements Framing {
  location: string | undefined = undefined
  contentLength: number | undefined = undefined
  contentEncoding: string | undefined = undefined
  setCookies: readonly string[] = NO_COOKIES
  /** Whether the last coding of the transfer is 'chunked'; `undefined` if there is none. */
  isChunked: boolean | undefined = undefined
  /** Whether the server says that it closes, or keeps, the connection. */
  closes = false
  keeps = false
  /** How long it keeps a silent connection, in milliseconds. */
  lifetime: number = Infinity

  /**
   * Looks at a header, whose name and value are at these places.
   *
   * @throws {MalformedMessage} if it makes the length of the body doubtful
   */
  note(bytes: Buffer, nameAt: number, nameEnd: number, valueAt: number, valueEnd: number): void {
    // The length tells most names apart without a look at their letters.
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

  /** RFC 9112 section 6.3: what is said twice, or beside a transfer coding, is how requests are smuggled. */
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
    // From there on a number is not exact, which matters to none that can be.
    if (length >= Number.MAX_SAFE_INTEGER && BigInt(bytes.toString('latin1', at, end)) >= TOO_MANY_BYTES)
      throw new MalformedMessage('its length is beyond all bounds')
    this.contentLength = length
  }

  private noteTransfer(value: string): void {
    if (this.contentLength !== undefined) throw new MalformedMessage('it has a transfer coding beside a length')
    const last = withoutSpace(value.slice(value.lastIndexOf(',') + 1))
    if (value === '') throw new MalformedMessage('its transfer coding is empty')
    this.isChunked = last.toLowerCase() === 'chunked'
  }

  private noteConnection(value: string): void {
    // Most of the time it is one word.
    for (const option of value.includes(',') ? value.split(',') : [value]) {
      const word = withoutSpace(option).toLowerCase()
      if (word === 'close') this.closes = true
      else if (word === 'keep-alive') this.keeps = true
    }
  }

  private noteLifetime(value: string): void {
    // A server says the same with each response.
    if (value !== known.value) known = { value, lifetime: lifetimeIn(value) }
    this.lifetime = Math.min(this.lifetime, known.lifetime)
  }

  private addCookie(cookie: string): void {
    if (this.setCookies === NO_COOKIES) this.setCookies = [cookie]
    else (this.setCookies as string[]).push(cookie)
  }

  private addCoding(coding: string): void {
    this.contentEncoding = this.contentEncoding === undefined ? coding : `${this.contentEncoding}, ${coding}`
  }
}

let known = { value: '', lifetime: Infinity }

/** Whether a name is that one, in upper or lower case: the bit tells the cases of a letter apart, and no token has a sign that it makes another. */
function isCalled(bytes: Buffer, at: number, lower: string): boolean {
  for (let index = 0; index < lower.length; index += 1) {
    if ((bytes[at + index]! | 0x20) !== lower.charCodeAt(index)) return false
  }
  return true
}
