import { activeCount, enumerate, type Greenlet, killall, sleep, spawn } from '@greenlit/core'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { pages } from '../../src/greenlet/live.ts'

describe('the list of live greenlets', () => {
  /** Ends every greenlet for which `ends` holds, in an order that is neither the list's nor its reverse, and checks what is left. */
  async function endSome(living: Greenlet[], ends: (index: number) => boolean): Promise<Greenlet[]> {
    const ending = living.filter((_, index) => ends(index))
    const half = ending.length >> 1
    await killall([...ending.slice(half), ...ending.slice(0, half).reverse()])
    const left = living.filter((_, index) => !ends(index))
    // Compares indexes: greenlets are iterable, and comparing them directly would iterate them.
    expect(enumerate().map((greenlet) => living.indexOf(greenlet as Greenlet))).toEqual([
      -1,
      ...left.map((greenlet) => living.indexOf(greenlet)),
    ])
    expect(activeCount()).toBe(left.length + 1)
    return left
  }

  function park(count: number): Greenlet[] {
    return Array.from({ length: count }, () => spawn(sleep, 60_000) as Greenlet)
  }

  test('keeps its order, whichever greenlets end and start', async () => {
    let living = park(200)
    living = await endSome(living, (index) => index % 3 === 0)
    living = [...living, ...park(50)]
    living = await endSome(living, (index) => index >= 10 && index < 140)
    living = [...living, ...park(100)]
    living = await endSome(living, (index) => index < 40)
    living = await endSome(living, (index) => index > 5)
    await endSome(living, () => true)
  })

  test('retains no page of greenlets that have ended, one by one or by the hundred', async () => {
    for (let index = 0; index < 100; index += 1) await endSome(park(1), () => true)
    for (let index = 0; index < 5; index += 1) await endSome(park(100), () => true)
    expect(pages.size).toBe(1)
  })

  test('has names that can be read without a cast, that of the main greenlet being undefined', async () => {
    const greenlet = spawn(() => {})
    greenlet.name = 'worker'
    const names = enumerate().map(({ name }) => name)
    expectTypeOf(names).toEqualTypeOf<(string | undefined)[]>()
    expect(names[0]).toBeUndefined()
    expect(names).toContain('worker')
    await greenlet
  })
})
