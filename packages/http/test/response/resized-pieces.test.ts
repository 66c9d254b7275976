import { expect, test } from 'vitest'
import { CoroutineIterator, END, type Step } from '../../src/response/coroutine-iterator.ts'
import { MemoryPieces, ResizedPieces } from '../../src/response/resized-pieces.ts'

/** Bytes that come in pieces. */
class Pieces extends CoroutineIterator<Uint8Array> {
  isClosed = false
  private readonly pieces: string[]

  constructor(pieces: readonly string[]) {
    super()
    this.pieces = [...pieces]
  }

  protected override *produce(): Generator<never, Step<Uint8Array>, unknown> {
    const value = this.pieces.shift()
    return value === undefined ? END : { done: false, value: Buffer.from(value) }
  }

  protected override onClose(): void {
    this.isClosed = true
  }
}

test.each([
  [['ab', 'c', 'defgh'], 3, ['abc', 'def', 'gh']],
  [['a', 'b', 'c', 'd'], 2, ['ab', 'cd']],
  [['abcdef'], 2, ['ab', 'cd', 'ef']],
  [['abc', 'd'], 1, ['a', 'b', 'c', 'd']],
  [['abc', '', 'd'], 10, ['abcd']],
  [['abc', 'd'], Infinity, ['abcd']],
  [[], 3, []],
])('pieces %j are resized to %d bytes: %j', async (given, size, expected) => {
  const pieces: string[] = []
  for await (const piece of new ResizedPieces(new Pieces(given), size)) pieces.push(Buffer.from(piece).toString())
  expect(pieces).toEqual(expected)
})

test('resized pieces close their source', () => {
  const source = new Pieces(['abc'])
  new ResizedPieces(source, 2).close()
  expect(source.isClosed).toBe(true)
})

test('resized pieces, and bytes in memory, end when they are closed', async () => {
  for (const pieces of [new ResizedPieces(new Pieces(['abcdef']), 2), new MemoryPieces(Buffer.from('abc'))]) {
    if (pieces instanceof ResizedPieces) await pieces.next()
    pieces.close()
    expect(await pieces.next()).toEqual(END)
  }
})

test('bytes in memory are one piece, and an empty body has none', async () => {
  const pieces = new MemoryPieces(Buffer.from('abc'))
  expect([await pieces.next(), await pieces.next()]).toEqual([{ done: false, value: Buffer.from('abc') }, END])
  expect(await new MemoryPieces(new Uint8Array(0)).next()).toEqual(END)
})
