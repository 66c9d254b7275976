import { activeCount, enumerate, type Greenlet, killall, sleep, spawn } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { pages } from '../../src/greenlet/live.ts'

describe('the list of the living', () => {
  /** Ends every greenlet for which `ends` holds, in an order that is neither the list's nor its reverse, and checks what is left. */
  async function endSome(living: Greenlet[], ends: (index: number) => boolean): Promise<Greenlet[]> {
    const ending = living.filter((_, index) => ends(index))
    const half = ending.length >> 1
    await killall([...ending.slice(half), ...ending.slice(0, half).reverse()])
    const left = living.filter((_, index) => !ends(index))
    // A greenlet can be iterated, which is what a comparison of greenlets would try.
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

  test('keeps its order, whoever ends and whoever comes', async () => {
    let living = park(200)
    living = await endSome(living, (index) => index % 3 === 0)
    living = [...living, ...park(50)]
    living = await endSome(living, (index) => index >= 10 && index < 140)
    living = [...living, ...park(100)]
    living = await endSome(living, (index) => index < 40)
    living = await endSome(living, (index) => index > 5)
    await endSome(living, () => true)
  })

  test('keeps nothing of those that came and went, alone or by the hundred', async () => {
    for (let index = 0; index < 100; index += 1) await endSome(park(1), () => true)
    for (let index = 0; index < 5; index += 1) await endSome(park(100), () => true)
    expect(pages.size).toBe(1)
  })
})
