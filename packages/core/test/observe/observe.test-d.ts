import { type Operation, sleep } from '@greenlit/core'
import {
  assertSwitches,
  type EventLoopBlocked,
  formatRunInfo,
  GreenletTree,
  subscribers,
  wrapErrors,
} from '@greenlit/core/observe'
import { expectTypeOf, test } from 'vitest'

class Wanted extends Error {
  readonly wanted = true
}

class Other extends Error {
  readonly other = true
}

test('wrapErrors', () => {
  expectTypeOf(wrapErrors(Wanted, (a: number) => String(a))).toEqualTypeOf<(a: number) => string | Wanted>()
  const coroutine = wrapErrors([Wanted, Other], function* (a: number) {
    yield* sleep(0)
    return a
  })
  expectTypeOf(coroutine(1)).toEqualTypeOf<Operation<number | Wanted | Other>>()
  expectTypeOf(wrapErrors(Wanted, async () => 1)()).toEqualTypeOf<Promise<number | Wanted>>()
  expectTypeOf(wrapErrors(Wanted, () => sleep(1))()).toEqualTypeOf<Operation<Wanted | undefined>>()
  // @ts-expect-error not a class
  wrapErrors(new Wanted(), () => 1)
})

test('assertSwitches', () => {
  const asserted = assertSwitches(function* () {
    yield* sleep(0)
    return 'value'
  })
  expectTypeOf(asserted).toEqualTypeOf<Operation<string>>()
  // @ts-expect-error the option is a number
  assertSwitches(() => {}, { maxBlockingTime: '1' })
})

test('reports', () => {
  expectTypeOf(formatRunInfo({ details: false })).toEqualTypeOf<string[]>()
  expectTypeOf(GreenletTree.forest()).toEqualTypeOf<GreenletTree[]>()
  expectTypeOf(subscribers).toEqualTypeOf<((event: EventLoopBlocked) => void)[]>()
})
