const REPLACEMENT = 0xfffd

/** Decodes UTF-32, which TextDecoder does not support. Little-endian, unless a byte order mark or the name says otherwise. */
export class Utf32Decoder {
  private littleEndian: boolean | undefined
  private rest = new Uint8Array(0)
  private started = false

  constructor(name: string) {
    this.littleEndian = name === 'utf-32' ? undefined : name === 'utf-32le'
  }

  decode(
    bytes: Uint8Array = new Uint8Array(0),
    { stream = false }: { readonly stream?: boolean | undefined } = {},
  ): string {
    const all = new Uint8Array(this.rest.length + bytes.length)
    all.set(this.rest)
    all.set(bytes, this.rest.length)
    const whole = all.length - (all.length % 4)
    const view = new DataView(all.buffer)
    let text = ''
    let at = 0
    if (!this.started && whole > 0) {
      this.started = true
      if (this.littleEndian === undefined) this.littleEndian = view.getUint32(0) !== 0xfeff
      if (view.getUint32(0, this.littleEndian) === 0xfeff) at = 4
    }
    for (; at < whole; at += 4) {
      const code = view.getUint32(at, this.littleEndian ?? true)
      text += String.fromCodePoint(code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? REPLACEMENT : code)
    }
    this.rest = all.slice(whole)
    if (stream || this.rest.length === 0) return text
    this.rest = new Uint8Array(0)
    return `${text}\uFFFD`
  }
}
