/** Decodes the next bytes of a stream, of which `end` says whether they are the last. */
type Decode = (bytes: Buffer, end: boolean) => string

/** What stands for the incomplete character at the end of a stream: like any lone surrogate, it is an error. */
const TRUNCATED = '\ud800'
const REPLACEMENT = '\ufffd'
const MARK = Buffer.from('\ufeff')
const REPLACEMENT_BYTES = '\xef\xbf\xbd'
/** The beginning of a character of UTF-8 at the end of bytes given as Latin-1. */
const BEGUN = /(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})$/

/** Returns a decoder that throws for malformed bytes if it is strict, and otherwise puts U+FFFD in their place. */
export function utf8Decoder(name: string, strict: boolean): Decode {
  const decoder = new TextDecoder('utf-8', { fatal: strict, ignoreBOM: true })
  return (bytes, end) => {
    try {
      return decoder.decode(bytes, { stream: !end })
    } catch (error) {
      throw new RangeError(`'${name}' codec can't decode what came: it is malformed`, { cause: error })
    }
  }
}

/** Returns a decoder that drops malformed bytes. */
export function skippingUtf8Decoder(): Decode {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let held = ''
  return (bytes, end) => {
    const all = held + bytes.toString('latin1')
    held = end ? '' : (BEGUN.exec(all)?.[0] ?? '')
    // A U+FFFD that was sent as such stays: only what lies between them is decoded, where each one stands for an error.
    return all
      .slice(0, all.length - held.length)
      .split(REPLACEMENT_BYTES)
      .map((piece) => decoder.decode(Buffer.from(piece, 'latin1')).replaceAll(REPLACEMENT, ''))
      .join(REPLACEMENT)
  }
}

/**
 * Returns a decoder that leaves lone surrogates in the text.
 *
 * @param bigEndian the byte order; `undefined` if the stream begins with a mark, or else is little-endian
 */
export function utf16Decoder(bigEndian: boolean | undefined): Decode {
  let order = bigEndian
  let held: Buffer = Buffer.alloc(0)
  return (bytes, end) => {
    let all = held.length === 0 ? bytes : Buffer.concat([held, bytes])
    if (order === undefined && all.length >= 2) {
      const mark = all.readUInt16BE(0)
      order = mark === 0xfeff
      if (order || mark === 0xfffe) all = all.subarray(2)
    }
    let size = all.length - (all.length % 2)
    const begun = size > 0 && (all[order ? size - 2 : size - 1]! & 0xfc) === 0xd8
    if (!end && begun) size -= 2
    held = Buffer.from(end ? [] : all.subarray(size))
    const units = all.subarray(0, size)
    const text = (order ? Buffer.from(units).swap16() : units).toString('utf16le')
    return end && !begun && size < all.length ? text + TRUNCATED : text
  }
}

/** Returns a decoder of UTF-8 that drops the byte order mark at the start of the stream. */
export function withoutMark(decode: Decode): Decode {
  // The bytes decide, not the text: what follows malformed bytes that were dropped is no mark.
  let held: Buffer | null = Buffer.alloc(0)
  return (bytes, end) => {
    if (held === null) return decode(bytes, end)
    const all = Buffer.concat([held, bytes])
    if (!end && all.length < MARK.length && MARK.subarray(0, all.length).equals(all)) {
      held = all
      return ''
    }
    held = null
    return decode(all.subarray(0, MARK.length).equals(MARK) ? all.subarray(MARK.length) : all, end)
  }
}
