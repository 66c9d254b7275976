import { getHub, killall, sleep, spawn, until } from '@greenlit/core'
import { expect, test } from 'vitest'

test('waits for promises that were killed leave the hub with nothing to do, also where the promise is settled just then', async () => {
  const waits = [spawn(() => until(new Promise(() => {})))]
  let settle = () => {}
  waits.push(spawn(() => until(new Promise<void>((resolve) => (settle = resolve)))))
  await sleep(0)
  settle()
  await killall(waits)
  expect(waits.map((wait) => String(wait.value))).toEqual(['GreenletExit', 'GreenletExit'])
  expect(await getHub().join({ timeout: 10_000 })).toBe(true)
})
