import { expect, test } from 'vitest'
import { LiveProgress } from '../../../src/crawl/command/live-progress.ts'
import { Tally } from '../../../src/crawl/stats.ts'

test('slow updates are shown less often', () => {
  const written: string[] = []
  const live = new LiveProgress({ isTTY: true, write: (text) => written.push(text) })
  const progress = {
    ...new Tally().progress(0, 0),
    get hosts() {
      const until = performance.now() + 50
      while (performance.now() < until);
      return {}
    },
  }
  for (let report = 0; report < 10; report += 1) live.show(progress)
  expect(written).toHaveLength(1)
})
