import { areTooMany } from './gzip-members.ts'

const NOTHING = new Uint8Array()
/** The magic numbers of a frame and of a skippable frame (RFC 8878 section 3.1). */
const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
const MAGIC_SIZE = 4
/** The sizes of the fields in a frame header, by their flags (section 3.1.1.1). */
const DICTIONARY = [0, 1, 2, 4]
const CONTENT_SIZE = [0, 2, 4, 8]
/** The block type of a single repeated byte. */
const REPEATED = 1

/**
 * Splits a zstd body at the ends of its frames: before version 26, Node stops at the end of the first frame and loses the rest of the
 * input. Skippable frames are skipped, and anything after the last frame that is not a frame is ignored.
 */
export class ZstdFrames {
  /** The number of complete frames. */
  private frames = 0
  private size = 0
  /** The beginning of an incomplete header. */
  private held: Uint8Array = NOTHING
  /** What follows after the next `left` bytes. */
  private next: 'frame' | 'block' | 'end' | 'gap' | 'nothing' = 'frame'
  private left = 0
  private trailer = 0

  /**
   * Splits a piece into stretches to decode one after another; none extends beyond the end of a frame.
   *
   * @throws an error like zlib's if the body is not zstd, or has so many small frames that they can only be meant as an attack
   */
  split(piece: Uint8Array): Uint8Array[] {
    const bytes = this.held.length === 0 ? piece : Buffer.concat([this.held, piece])
    this.size += piece.length
    this.held = NOTHING
    const stretches: Uint8Array[] = []
    let from = 0
    let at = 0
    const take = (): void => {
      if (at > from && this.next !== 'gap' && this.next !== 'nothing') stretches.push(bytes.subarray(from, at))
      from = at
    }
    for (;;) {
      const step = Math.min(this.left, bytes.length - at)
      at += step
      this.left -= step
      if (this.left > 0) break
      if (this.next === 'end' || this.next === 'gap') {
        take()
        this.next = 'frame'
        this.frames += 1
        if (areTooMany(this.frames, this.size)) throw failure('Z_DATA_ERROR', 'too many frames')
      }
      if (!this.begin(bytes, at)) {
        this.held = bytes.subarray(at)
        break
      }
    }
    take()
    return stretches
  }

  /**
   * Checks the end of the body, after the last piece.
   *
   * @throws an error like zlib's if a frame is cut off, which Node 22 does not notice
   */
  end(): void {
    const isOver =
      this.next === 'nothing' || (this.next === 'frame' && this.held.length < MAGIC_SIZE && this.frames > 0)
    if (!isOver) throw failure('Z_BUF_ERROR', 'unexpected end of file')
  }

  /** Reads the header at `at`; returns whether it is complete. */
  private begin(bytes: Uint8Array, at: number): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at)
    if (this.next === 'block') return this.beginBlock(view)
    if (view.byteLength < MAGIC_SIZE) return false
    const magic = view.getUint32(0, true)
    if (magic === FRAME) return this.beginFrame(view)
    if ((magic & 0xfffffff0) === SKIPPABLE) {
      if (view.byteLength < 8) return false
      this.next = 'gap'
      this.left = 8 + view.getUint32(4, true)
    } else {
      if (this.frames === 0) throw failure('Z_DATA_ERROR', 'unknown frame')
      this.next = 'nothing'
      this.left = Infinity
    }
    return true
  }

  private beginFrame(view: DataView): boolean {
    if (view.byteLength <= MAGIC_SIZE) return false
    const flags = view.getUint8(MAGIC_SIZE)
    const isSingle = (flags & 0x20) !== 0
    const contentSize = isSingle && flags < 0x40 ? 1 : CONTENT_SIZE[flags >> 6]!
    this.trailer = flags & 4
    this.next = 'block'
    this.left = MAGIC_SIZE + 1 + (isSingle ? 0 : 1) + DICTIONARY[flags & 3]! + contentSize
    return true
  }

  private beginBlock(view: DataView): boolean {
    if (view.byteLength < 3) return false
    const header = view.getUint16(0, true) + view.getUint8(2) * 0x10000
    const isLast = (header & 1) === 1
    this.left = 3 + (((header >> 1) & 3) === REPEATED ? 1 : header >> 3) + (isLast ? this.trailer : 0)
    if (isLast) this.next = 'end'
    return true
  }
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
