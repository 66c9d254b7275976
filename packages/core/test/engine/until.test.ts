import { getHub, killall, sleep, spawn, until } from '@greenlit/core'
import { expect, test } from 'vitest'

test('killed waits for promises leave the hub idle, even if the promise is being settled', async () => {
  const waits = [spawn(() => until(new Promise(() => {})))]
  let settle = () => {}
  waits.push(spawn(() => until(new Promise<void>((resolve) => (settle = resolve)))))
  await sleep(0)
  settle()
  await killall(waits)
  expect(waits.map((wait) => String(wait.value))).toEqual(['GreenletExit', 'GreenletExit'])
  expect(await getHub().join({ timeout: 10_000 })).toBe(true)
})
