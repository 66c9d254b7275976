import { type Operation, sleep } from '@greenlit/core'
import { type Leaks, useVirtualClock, type VirtualClock, virtualTime, watchLeaks } from '@greenlit/core/testing'
import { expectTypeOf, test } from 'vitest'

test('virtual time', () => {
  expectTypeOf(useVirtualClock).returns.toEqualTypeOf<VirtualClock>()
  expectTypeOf<VirtualClock['advance']>().toEqualTypeOf<(milliseconds: number) => Operation<undefined>>()
  const run = () =>
    virtualTime(function* (clock) {
      expectTypeOf(clock).toEqualTypeOf<VirtualClock>()
      yield* sleep(1)
      return clock.now()
    })
  expectTypeOf(run).returns.toEqualTypeOf<Promise<number>>()
})

test('leaks', () => {
  expectTypeOf(watchLeaks().find()).toEqualTypeOf<Leaks>()
  expectTypeOf(watchLeaks({ handles: false }).assertNone({ patience: 1 })).toEqualTypeOf<Operation<undefined>>()
})
