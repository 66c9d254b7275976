import { iterate } from '@greenlit/core'
import { expect, test } from 'vitest'
import { TextPieces } from '../../src/response/text-pieces.ts'

async function* bytes(...pieces: number[][]) {
  for (const piece of pieces) yield Uint8Array.from(piece)
}

test('text comes by whole characters, and what is left of one at the end is replaced', async () => {
  const texts: string[] = []
  for await (const text of new TextPieces(iterate(bytes([0x61, 0xc3], [0xa9], [0x62, 0xe2], [0x82])), 'utf-8'))
    texts.push(text)
  expect(texts).toEqual(['a', 'é', 'b', '\uFFFD'])
})

test('text ends when it is closed, in the middle of a character too', async () => {
  const texts = new TextPieces(iterate(bytes([0x61, 0xc3], [0xa9])), 'utf-8')
  expect(await texts.next()).toEqual({ done: false, value: 'a' })
  texts.close()
  expect(await texts.next()).toEqual({ done: true, value: undefined })
})
