import type { Transform } from 'node:stream'
// The default export, as webpack binds every name used of a namespace, and not every Node version has the one for zstd.
import zlib from 'node:zlib'
import { fromCallback, type Operation, type Resume } from '@greenlit/core'
import { Done } from '@greenlit/core/engine'
import { decodedTooLarge, decodingFailure, hasZlibHeader } from './decode-body.ts'
import { Gunzip } from './gunzip.ts'
import { ZstdFrames } from './zstd-frames.ts'

/** Decodes one content coding incrementally: each piece is fully decoded before the next one is taken. */
export class StreamDecoder {
  private readonly coding: string
  private transform: Transform | undefined = undefined
  private failure: unknown = undefined
  /** Whether the encoded data has ended; anything after it is ignored. */
  private isOver = false
  private frames: ZstdFrames | undefined = undefined
  /** The first byte of `deflate` data, which alone does not tell whether there is a zlib header. */
  private head: Uint8Array | undefined = undefined

  /** @param coding a coding that this version of Node can decode */
  constructor(coding: string) {
    this.coding = coding
  }

  /**
   * Decodes a piece.
   *
   * @param maxBytes the largest decoded size allowed, in bytes
   * @throws {ContentDecodingError} if it is damaged; {ResponseTooLarge} if it becomes too large
   */
  push(input: Uint8Array, maxBytes: number): Operation<Uint8Array[]> {
    if (this.isOver) return new Done<Uint8Array[]>([])
    let bytes = input
    if (this.head !== undefined) {
      bytes = Buffer.concat([this.head, input])
      this.head = undefined
    }
    if (this.transform === undefined && this.coding === 'deflate' && bytes.length < 2) {
      this.head = bytes
      return new Done<Uint8Array[]>([])
    }
    const stretches = this.coding === 'zstd' ? this.split(bytes) : [bytes]
    const last = stretches.pop()
    if (last === undefined) return new Done<Uint8Array[]>([])
    const transform = (this.transform ??= this.open(last))
    return this.collect(maxBytes, (done) => {
      for (const stretch of stretches) transform.write(stretch)
      transform.write(last, done)
    })
  }

  /**
   * Returns the remaining output, after the last piece.
   *
   * @throws as `push` does, and {ContentDecodingError} also if the data is cut off
   */
  end(maxBytes: number): Operation<Uint8Array[]> {
    if (this.isOver) return new Done<Uint8Array[]>([])
    if (this.head !== undefined) {
      this.transform = this.open(this.head)
      this.transform.write(this.head)
    }
    this.checked(() => this.frames?.end())
    return this.collect(maxBytes, (done) => {
      const { transform } = this
      if (transform === undefined) done()
      else transform.end()
    })
  }

  close(): void {
    this.transform?.destroy()
  }

  private split(bytes: Uint8Array): Uint8Array[] {
    const frames = (this.frames ??= new ZstdFrames())
    return this.checked(() => frames.split(bytes))
  }

  private checked<T>(step: () => T): T {
    try {
      return step()
    } catch (error) {
      throw decodingFailure(error, this.coding)
    }
  }

  private collect(maxBytes: number, step: (done: () => void) => void): Operation<Uint8Array[]> {
    return fromCallback<Uint8Array[]>((resume: Resume<Uint8Array[]>) => {
      const { transform } = this
      const pieces: Uint8Array[] = []
      let length = 0
      const finish = (): void => {
        transform?.off('data', take)
        transform?.off('error', fail)
        transform?.off('end', finish)
        if (this.failure === undefined) resume(undefined, pieces)
        else resume(this.failure)
      }
      const fail = (error: unknown): void => {
        this.failure ??= decodingFailure(error, this.coding)
        finish()
      }
      const take = (piece: Uint8Array): void => {
        length += piece.length
        pieces.push(piece)
        if (length <= maxBytes) return
        this.failure ??= decodedTooLarge()
        transform!.destroy()
        finish()
      }
      transform?.on('data', take)
      transform?.on('error', fail)
      transform?.on('end', finish)
      step(finish)
      return () => transform?.destroy()
    })
  }

  private open(first: Uint8Array): Transform {
    const transform = this.create(first)
    // Nobody is waiting any more for an error that occurs after a call was abandoned.
    transform.on('error', () => {})
    transform.on('end', () => {
      this.isOver = true
    })
    return transform
  }

  private create(first: Uint8Array): Transform {
    switch (this.coding) {
      case 'deflate':
        return hasZlibHeader(first) ? zlib.createInflate() : zlib.createInflateRaw()
      case 'br':
        return zlib.createBrotliDecompress()
      case 'zstd':
        return (zlib as unknown as { createZstdDecompress(): Transform }).createZstdDecompress()
      default:
        return new Gunzip()
    }
  }
}
