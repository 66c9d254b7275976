import type { Clock } from '../engine/clock.ts'
import { loop } from '../engine/loop.ts'

/** Replaces the hub's clock, and returns the previous one. Pending timers keep their remaining time, which `round` makes whole, and their order. */
export function useClock(clock: Clock, round: (time: number) => number): Clock {
  const previous = loop.clock
  const shift = clock.now() - previous.now()
  const { timers } = loop
  const buckets = [...timers.buckets.values()]
  timers.buckets.clear()
  for (const bucket of buckets) {
    bucket.tick = round(bucket.tick + shift)
    timers.buckets.set(bucket.tick, bucket)
  }
  timers.sortTicks()
  loop.disarm()
  loop.clock = clock
  loop.wake()
  return previous
}
