import { Transform, type TransformCallback } from 'node:stream'
import * as zlib from 'node:zlib'
import { areTooMany, endOfHeader, hasTrailer, headerFault, isMember, TRAILER } from './gzip-members.ts'

const NOTHING = new Uint8Array()
/** The largest header accepted: a longer one, with its file name and comment, is an attack. */
const MAX_HEADER_SIZE = 256 * 1024

/**
 * Decodes gzip incrementally, ignoring anything after the last member. Node's own `Gunzip` takes that for a damaged member, and loses
 * the data before it (urllib3: GzipDecoder).
 */
export class Gunzip extends Transform {
  private state: 'header' | 'data' | 'trailer' | 'over' = 'header'
  /** The beginning of an incomplete header or trailer. */
  private held: Uint8Array = NOTHING
  private inflate: zlib.InflateRaw | undefined = undefined
  private members = 0
  private bytes = 0
  private checksum = 0
  private size = 0

  override _transform(bytes: Uint8Array, _encoding: string, callback: TransformCallback): void {
    this.bytes += bytes.length
    this.receive(bytes, callback)
  }

  override _flush(callback: TransformCallback): void {
    const isOver = this.state === 'over' || (this.state === 'header' && this.members > 0 && this.held.length < 2)
    if (isOver) callback()
    else this.fail('Z_BUF_ERROR', 'unexpected end of file')
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.inflate?.destroy()
    callback(error)
  }

  private receive(bytes: Uint8Array, done: () => void): void {
    if (this.state === 'data') {
      this.takeData(bytes, done)
    } else if (this.state === 'over') {
      done()
    } else {
      this.held = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes])
      if (this.state === 'header') this.takeHeader(this.held, done)
      else this.takeTrailer(this.held, done)
    }
  }

  private takeHeader(held: Uint8Array, done: () => void): void {
    const end = endOfHeader(held, 0)
    const fault = headerFault(held, 0)
    if (held.length > 1 && !isMember(held, 0)) {
      if (this.members === 0) this.fail('Z_DATA_ERROR', 'incorrect header check')
      else this.goOn('over', NOTHING, done)
    } else if (fault !== undefined) {
      this.fail('Z_DATA_ERROR', fault)
    } else if (end <= held.length) {
      this.checksum = 0
      this.size = 0
      this.goOn('data', held.subarray(end), done)
    } else if (held.length > MAX_HEADER_SIZE) {
      this.fail('Z_DATA_ERROR', 'header too long')
    } else {
      done()
    }
  }

  /** Enters another state with the remaining bytes. */
  private goOn(next: Gunzip['state'], bytes: Uint8Array, done: () => void): void {
    this.held = NOTHING
    this.state = next
    this.receive(bytes, done)
  }

  private takeData(bytes: Uint8Array, done: () => void): void {
    const inflate = (this.inflate ??= this.open())
    const before = inflate.bytesWritten
    // Either all bytes are consumed, or the data ends within them; the write callback is called in both cases.
    let isOver = false
    const end = (): void => {
      isOver = true
      this.inflate = undefined
      this.state = 'trailer'
      this.receive(bytes.subarray(inflate.bytesWritten - before), done)
    }
    inflate.once('end', end)
    inflate.write(bytes, () => {
      if (isOver) return
      inflate.off('end', end)
      done()
    })
  }

  private open(): zlib.InflateRaw {
    const inflate = zlib.createInflateRaw()
    inflate.on('data', (piece: Uint8Array) => {
      this.checksum = zlib.crc32(piece, this.checksum)
      this.size += piece.length
      this.push(piece)
    })
    inflate.on('error', (error) => this.destroy(error))
    return inflate
  }

  private takeTrailer(held: Uint8Array, done: () => void): void {
    if (held.length < TRAILER) {
      done()
    } else if (areTooMany(this.members, this.bytes)) {
      this.fail('Z_DATA_ERROR', 'too many members')
    } else if (hasTrailer(held, 0, this.checksum, this.size)) {
      this.members += 1
      this.goOn('header', held.subarray(TRAILER), done)
    } else {
      this.fail('Z_DATA_ERROR', 'incorrect data check')
    }
  }

  /** Fails with an error. The callback of the current write must not be called before, as that would report success. */
  private fail(code: string, message: string): void {
    this.destroy(Object.assign(new Error(message), { code }))
  }
}
