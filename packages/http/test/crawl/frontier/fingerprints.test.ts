import { expect, test } from 'vitest'
import { Fingerprints } from '../../../src/crawl/frontier/fingerprints.ts'

test('distinguishes a hundred thousand URLs', () => {
  const set = new Fingerprints()
  for (let at = 0; at < 100_000; at += 1)
    if (!set.add(`https://example.org/page/${at}`)) throw new Error(`twice: ${at}`)
  expect(set.size).toBe(100_000)
  for (let at = 0; at < 100_000; at += 97) expect(set.has(`https://example.org/page/${at}`)).toBe(true)
  for (let at = 100_000; at < 110_000; at += 1)
    if (set.has(`https://example.org/page/${at}`)) throw new Error(`there: ${at}`)
  expect(set.add('https://example.org/page/7')).toBe(false)
})
