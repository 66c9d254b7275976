import { expect, test } from 'vitest'
import { firstFrom, occurrencesOf } from '../../src/crawl/occurrences.ts'

const find = (texts: readonly string[], within: string) => Object.fromEntries(occurrencesOf([...texts].sort(), within))

test('finds texts anywhere, including overlapping ones and ones at the end', () => {
  expect(find(['a', 'aa', 'ab', 'b', 'aab', 'abc', 'c', ' '], 'aaab')).toEqual({
    a: [0, 1, 2],
    aa: [0, 1],
    aab: [1],
    ab: [2],
    b: [3],
  })
  expect(find([], 'a')).toEqual({})
  expect(find(['a'], '')).toEqual({})
  expect(find(['aa', '~', '\u00ff'], 'a')).toEqual({})
})

test('finds many texts exactly as each one alone', () => {
  const texts = Array.from({ length: 200 }, (_, number) => number.toString(3))
  const within = '0121020112200102212201012021'
  const found = occurrencesOf([...texts].sort(), within)
  for (const text of texts) {
    const places = [...within].flatMap((_, start) => (within.startsWith(text, start) ? [start] : []))
    expect([text, found.get(text) ?? []]).toEqual([text, places])
  }
})

test('firstFrom returns the first position that is not before another', () => {
  const places = [2, 5, 9]
  expect([0, 2, 3, 9, 10].map((at) => firstFrom(places, at))).toEqual([2, 2, 5, 9, -1])
  expect(firstFrom(undefined, 0)).toBe(-1)
})
