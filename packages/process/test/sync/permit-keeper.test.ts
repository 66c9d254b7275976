import { expect, test } from 'vitest'
import { PermitKeeper } from '../../src/sync/permit-keeper.ts'

/** Permits, and how processes ask for them; `acquire` answers whether there was one. */
function keeperOf(most: number) {
  const keeper = new PermitKeeper('lock', most, most)
  const ask = (node: string, method: string, ...args: unknown[]) => {
    let answered: unknown
    const answer = (value: unknown) => {
      answered = value
      return true
    }
    keeper.ask({ node, answer, fail: () => false }, method, args)
    return answered
  }
  return {
    acquire: (node: string) => ask(node, 'acquire', false),
    release: (node: string) => ask(node, 'release'),
    undo: (node: string) => keeper.undo(node, 'acquire', true),
  }
}

test('a lock has one holder, also if it comes back from one for whom another has released it', () => {
  const { acquire, release, undo } = keeperOf(1)
  expect(acquire('0.1')).toBe(true)
  release('0.2')
  expect(acquire('0.3')).toBe(true)
  undo('0.1')
  expect(acquire('0.4')).toBe(false)
  release('0.3')
  expect([acquire('0.4'), acquire('0.5')]).toEqual([true, false])
  undo('0.4')
  expect([acquire('0.5'), acquire('0.6')]).toEqual([true, false])
})

test('a bounded semaphore has no more permits than at first, also if one comes back that another has released', () => {
  const { acquire, release, undo } = keeperOf(2)
  expect([acquire('0.1'), acquire('0.2')]).toEqual([true, true])
  release('0.3')
  release('0.3')
  undo('0.1')
  expect([acquire('0.4'), acquire('0.5'), acquire('0.6')]).toEqual([true, true, false])
  undo('0.4')
  expect([acquire('0.5'), acquire('0.6')]).toEqual([true, false])
})
