import { attempt, sleep, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { useClosing, useSession } from '../support/session.ts'
import { startSite } from '../support/site.ts'

guardLeaks()

onEachEngine('a request on a reused connection', (makeEngine) => {
  const site = useClosing(() => startSite({ '/hang': () => new Promise(() => {}) }))
  const session = useSession(makeEngine)

  test('is not resent when it is killed or times out', async () => {
    const { url, seen } = site.current
    await session.current.get(`${url}/echo`)
    const killed = spawn(() => session.current.get(`${url}/hang`))
    while (seen.length < 2) await sleep(5)
    await killed.kill()
    await session.current.get(`${url}/echo`)
    expect((await attempt(session.current.get(`${url}/hang`, { timeout: 100 }))).ok).toBe(false)
    await session.current.get(`${url}/echo`)
    expect(seen.map(({ target }) => target)).toEqual(['/echo', '/hang', '/echo', '/hang', '/echo'])
  })
})
