import { Socket } from 'node:net'
import { attempt } from '@greenlit/core'
import { expect, test, vi } from 'vitest'
import { onEachEngine } from '../support/engines.ts'
import { closedPort } from '../support/raw-server.ts'
import { useSession } from '../support/session.ts'

onEachEngine('a connection', (makeEngine) => {
  const session = useSession(makeEngine)

  test.each(['http', 'https', 'http by proxy', 'https by proxy'])(
    'by %s gives each of several addresses a second, as the host may be far away',
    async (route) => {
      const connect = vi.spyOn(Socket.prototype, 'connect')
      try {
        const host = `127.0.0.1:${await closedPort()}`
        const scheme = route.split(' ', 1)[0]!
        const proxies = route.endsWith('proxy') ? { [scheme]: `http://${host}` } : {}
        expect((await attempt(session.current.get(`${scheme}://${host}/`, { proxies }))).ok).toBe(false)
        expect(connect).toHaveBeenCalledTimes(1)
        const [options] = [connect.mock.calls[0]![0]].flat() as unknown[]
        expect(options).toMatchObject({ autoSelectFamilyAttemptTimeout: 1000 })
      } finally {
        connect.mockRestore()
      }
    },
  )
})
