import { describe, expect, test } from 'vitest'
import { CoroutineIterator, END, type Step } from '../../src/response/coroutine-iterator.ts'
import { checkDelimiter, Lines } from '../../src/response/lines.ts'

/** Bytes that come in pieces. */
class Pieces extends CoroutineIterator<Uint8Array> {
  private readonly pieces: (string | Uint8Array)[]

  constructor(pieces: readonly (string | Uint8Array)[]) {
    super()
    this.pieces = [...pieces]
  }

  protected override *produce(): Generator<never, Step<Uint8Array>, unknown> {
    const value = this.pieces.shift()
    return value === undefined ? END : { done: false, value: typeof value === 'string' ? Buffer.from(value) : value }
  }

  protected override onClose(): void {}
}

const linesOf = async (pieces: readonly (string | Uint8Array)[], delimiter?: string): Promise<string[]> => {
  const lines: string[] = []
  for await (const line of new Lines(new Pieces(pieces), 'utf-8', delimiter)) lines.push(line)
  return lines
}

test('lines end when they are closed', async () => {
  const lines = new Lines(new Pieces(['a\nb\nc']), 'utf-8', undefined)
  expect(await lines.next()).toEqual({ done: false, value: 'a' })
  lines.close()
  expect(await lines.next()).toEqual(END)
})

describe('lines', () => {
  test.each([
    [['a\r', '\nb\r', 'c\n', '\nd'], undefined, ['a', 'b', 'c', '', 'd']],
    [['a', 'b', '\r', '\r', '\n'], undefined, ['ab', '']],
    [['\n', '\n'], undefined, ['', '']],
    [['a\r'], undefined, ['a']],
    [[], undefined, []],
    [['a|', '|b|', 'c'], '||', ['a', 'b|c']],
    [['a||', '|b'], '||', ['a', '|b']],
    [['a-', '-', '-b', '--', '-c'], '---', ['a', 'b', 'c']],
    [['a', ';', 'b;'], ';', ['a', 'b']],
    [['a\r', '\nb'], '\r\n', ['a', 'b']],
    [['a;b\r'], ';', ['a', 'b\r']],
  ])('of %j separated by %j', async (pieces, delimiter, expected) => {
    expect(await linesOf(pieces, delimiter)).toEqual(expected)
    expect(await linesOf([...pieces.join('')], delimiter)).toEqual(expected)
  })

  test.each([
    [['a\r', '\nb'], undefined],
    [['a|', '|b'], '||'],
    [['a-', '-', '-'], '---'],
    [['a;'], ';'],
  ])('of %j separated by %j are yielded as soon as their end is received', async (pieces, delimiter) => {
    const source = new Pieces([...pieces, 'more'])
    const lines = new Lines(source, 'utf-8', delimiter)
    expect(await lines.next()).toEqual({ done: false, value: 'a' })
    expect(await source.next()).toEqual({ done: false, value: Buffer.from('more') })
  })

  test('are complete if a character is split over pieces, and may end with half of one', async () => {
    const bytes = Buffer.from('é\n日本')
    const single = [...bytes].map((byte) => Uint8Array.of(byte))
    expect(await linesOf(single)).toEqual(['é', '日本'])
    expect(await linesOf(single.slice(0, -1))).toEqual(['é', '日\uFFFD'])
  })

  test('may be long and arrive in many pieces', async () => {
    const pieces = Array.from({ length: 20_000 }, () => 'x'.repeat(1000))
    const lines = await linesOf([...pieces, '\nend'])
    expect(lines.map((line) => line.length)).toEqual([20_000_000, 3])
  })

  test.each(['', 7])('are not separated by %j', (delimiter) => {
    expect(() => checkDelimiter(delimiter)).toThrow(/Expected `delimiter`/)
  })
})
