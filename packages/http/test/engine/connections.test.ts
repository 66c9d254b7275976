import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { attempt, Event, joinall, type Operation, runSync, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { PublicAddressGuard } from '../../src/guard/public-address-guard.ts'
import { HTTPAdapter } from '../../src/session/http-adapter.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { loopTurns } from '../support/loop-turns.ts'
import { type RawConnection, startRawServer } from '../support/raw-server.ts'
import { useSession } from '../support/session.ts'
import { startSite } from '../support/site.ts'

guardLeaks()

const answerAll = (headers: string) => async (connection: RawConnection) => {
  for (;;) {
    await connection.request()
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${headers}\r\nok`)
  }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

onEachEngine('closing', (makeEngine) => {
  test('the engine or its adapter is done at once, with an operation that is complete', () => {
    const engine = makeEngine()
    runSync(engine.close() as Operation<undefined>)
    runSync(new HTTPAdapter({ engine }).close())
  })
})

onEachEngine('a request on a kept-alive connection', (makeEngine) => {
  const session = useSession(makeEngine)
  /** A server that closes each connection at its second request, after sending `answered`. */
  const startClosing = (last: string) =>
    startRawServer(async (connection, index) => {
      await connection.request()
      connection.write(OK)
      await connection.request()
      if (index === 0) connection.end(last)
      else connection.write(OK)
    })

  test.each(['GET', 'PUT', 'DELETE'])(
    'is resent once if the connection is closed before a response, for %s',
    async (method) => {
      const server = await startClosing('')
      await session.current.request(method, server.url, { data: 'x' })
      expect((await session.current.request(method, server.url, { data: 'x' })).text).toBe('ok')
      expect(server.connections()).toBe(2)
      session.current.close()
      await server.close()
    },
  )

  test.each([
    ['POST', ''],
    ['PATCH', ''],
    ['GET', 'H'],
    ['GET', 'HTTP/1.1 200 OK\r\n'],
  ])('is not resent, for %s with %j received', async (method, answered) => {
    const server = await startClosing(answered)
    await session.current.request(method, server.url)
    const result = await attempt(session.current.request(method, server.url))
    expect((result as { error: Error }).error).toMatchObject({ name: 'ConnectionError' })
    expect(server.connections()).toBe(1)
    session.current.close()
    await server.close()
  })

  test('whose body is sent in pieces is not resent', async () => {
    const server = await startClosing('')
    await session.current.put(server.url)
    const result = await attempt(session.current.put(server.url, { data: new Set(['a', 'b']) }))
    expect((result as { error: Error }).error).toMatchObject({ name: 'ConnectionError' })
    session.current.close()
    await server.close()
  })
})

onEachEngine('a kept-alive connection', (makeEngine) => {
  const session = useSession(makeEngine)

  test.each([
    ['Keep-Alive: timeout=60\r\n', 1],
    ['', 1],
    ['Keep-Alive: timeout=1\r\n', 3],
    ['Connection: close\r\n', 3],
  ])('is reused unless the server is about to close it: %j', async (headers, connections) => {
    const server = await startRawServer(answerAll(headers))
    for (let times = 0; times < 3; times += 1) expect((await session.current.post(server.url)).text).toBe('ok')
    expect(server.connections()).toBe(connections)
    session.current.close()
    await server.close()
  })

  test('is reused although an empty line follows each body', async () => {
    const server = await startRawServer(async (connection) => {
      for (;;) {
        await connection.request()
        connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n')
      }
    })
    for (let times = 0; times < 3; times += 1) expect((await session.current.post(server.url)).text).toBe('ok')
    expect(server.connections()).toBe(1)
    session.current.close()
    await server.close()
  })

  const hasIPv6 = Object.values(networkInterfaces()).some((own) => own?.some(({ address }) => address === '::1'))
  test.runIf(hasIPv6)('may lead to an IPv6 address', async () => {
    const server = createServer((_request, response) => response.end('there')).listen(0, '::1')
    await once(server, 'listening')
    const url = `http://[::1]:${(server.address() as AddressInfo).port}/`
    for (let times = 0; times < 3; times += 1) expect((await session.current.get(url)).text).toBe('there')
    session.current.close()
    server.close()
    await once(server, 'close')
  })

  test('is reused after a HEAD without a length', async () => {
    const server = await startRawServer(async (connection) => {
      for (;;) {
        await connection.request()
        connection.write('HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n')
      }
    })
    for (let times = 0; times < 3; times += 1) expect((await session.current.head(server.url)).statusCode).toBe(200)
    expect(server.connections()).toBe(1)
    session.current.close()
    await server.close()
  })

  test('keeps the process alive while in use, but not while idle', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const before = sockets()
    const during: number[] = []
    const site = await startSite({
      '/': (_request, response) => {
        during.push(sockets() - before)
        response.end('ok')
      },
    })
    for (let times = 0; times < 3; times += 1) {
      await session.current.get(site.url)
      // The other end is a connection of the site, which waits for another request.
      await expect.poll(() => sockets() - before).toBe(1)
    }
    expect(during).toEqual([2, 2, 2])
    expect(site.connections()).toBe(1)
    session.current.close()
    await site.close()
  })

  test('made with one lookup serves no request with another', async () => {
    const site = await startSite()
    const url = `http://localhost:${site.port}/echo`
    const lookup = (_host: string, options: { all?: boolean }, done: (...answer: unknown[]) => void) =>
      options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)
    for (const options of [{}, { lookup: lookup as never }])
      expect((await session.current.get(url, options)).ok).toBe(true)
    expect(site.connections()).toBe(2)
    const guarded = await attempt(session.current.get(url, { guard: new PublicAddressGuard() }))
    expect((guarded as { error: Error }).error.name).toBe('AddressForbidden')
    session.current.close()
    await site.close()
  })

  test('that receives unsolicited bytes is closed, and they are not taken for a response', async () => {
    const answered = new Event()
    const server = await startRawServer(async (connection, index) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      if (index > 0) return
      await answered.wait()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse')
    })
    expect((await session.current.get(server.url)).text).toBe('ok')
    answered.set()
    await expect.poll(() => server.open()).toBe(0)
    expect((await session.current.get(server.url)).text).toBe('ok')
    session.current.close()
    await server.close()
  })

  test.each([
    ['closed', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('that the server %s some time ago is not tried', async (_how, end) => {
    const answered = new Event()
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      await answered.wait()
      end(connection.socket)
    })
    for (let times = 0; times < 2; times += 1) {
      answered.clear()
      expect((await session.current.post(server.url)).text).toBe('ok')
      answered.set()
      await expect.poll(() => server.open()).toBe(0)
      // The client has to notice, too.
      await loopTurns()
    }
    await server.close()
  })

  test('is one of a bounded number', async () => {
    const waiting: ServerResponse[] = []
    const site = await startSite({
      '/later': (_request, response) => {
        if (waiting.push(response) === 100) for (const each of waiting) each.end('x')
      },
    })
    await joinall(
      Array.from({ length: 100 }, () => spawn(() => session.current.get(`${site.url}/later`))),
      { raiseError: true },
    )
    expect(site.connections()).toBe(100)
    await expect.poll(() => site.open()).toBeLessThanOrEqual(64)
    session.current.close()
    await expect.poll(() => site.open()).toBe(0)
    await site.close()
  })

  test('is used only for its own host and port', async () => {
    const sites = [await startSite(), await startSite()]
    for (const site of [...sites, ...sites]) await session.current.get(`${site.url}/echo`)
    expect(sites.map((site) => site.connections())).toEqual([1, 1])
    session.current.close()
    for (const site of sites) await site.close()
  })

  test('with `Connection: close` requested is not reused, whatever the server says', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    for (const headers of [{ Connection: 'close' }, { connection: 'x, Close' }, { Connection: 'close' }])
      expect((await session.current.post(server.url, { headers })).text).toBe('ok')
    expect(server.connections()).toBe(3)
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test('switched to another protocol is an error', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n')
      await connection.closed
    })
    const result = await attempt(session.current.get(server.url, { timeout: 5000 }))
    expect((result as { error: Error }).error.name).toBe('ConnectionError')
    await server.close()
  })
})
