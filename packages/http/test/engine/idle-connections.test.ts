import { spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { Session } from '../../src/session/session.ts'
import { ENGINES } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { startRawServer } from '../support/raw-server.ts'

guardLeaks()

test.each(ENGINES)(
  'of the connections to very many hosts only the most recent are kept on %s',
  async (_name, makeEngine) => {
    const server = await startRawServer(async (connection) => {
      for (;;) {
        await connection.request()
        connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
    const session = new Session({
      trustEnv: false,
      engine: makeEngine(),
      lookup: (_host, options, found) => {
        if (options.all) found(null, [{ address: '127.0.0.1', family: 4 }])
        else found(null, '127.0.0.1', 4)
      },
    })
    await spawn(function* () {
      for (let host = 0; host < 600; host += 1) yield* session.get(`http://host${host}.test:${server.port}/`)
    }).get()
    await expect.poll(() => server.open()).toBe(500)
    await session.get(`http://host100.test:${server.port}/`)
    expect(server.connections()).toBe(600)
    await session.get(`http://host99.test:${server.port}/`)
    expect(server.connections()).toBe(601)
    session.close()
    await server.close()
  },
)
