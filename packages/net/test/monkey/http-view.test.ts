import type { AddressInfo } from 'node:net'
import { type Coroutine, Event, GreenletExit } from '@greenlit/core'
import type { OSError } from '@greenlit/net'
import { type HttpHandler, patchAll } from '@greenlit/net/monkey'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, run } from '../pair.ts'

guardLeaks()

const { http } = patchAll()

/** Serves on a free port while a function runs. */
function* serving(handler: HttpHandler, use: (port: number) => Coroutine<void>): Coroutine<void> {
  const server = http.createServer(handler)
  yield* server.listen(0, '127.0.0.1')
  try {
    yield* use((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    yield* server.close()
  }
}

const agent = new http.Agent()

test('a request can be made with options only, as in Node', () =>
  run(() =>
    serving(
      (request, response) => void response.end(`${request.method} ${request.url}`),
      function* (port) {
        const got = yield* http.get({ host: '127.0.0.1', port, path: '/a', agent })
        expect(String(yield* got.read())).toBe('GET /a')
        const put = yield* http.request({ host: '127.0.0.1', port, path: '/b', method: 'PUT', body: 'b', agent })
        expect(String(yield* put.read())).toBe('PUT /b')
        expect(() => http.get(undefined as never)).toThrow(
          /Expected `url` to be a string, a URL or options, got undefined/,
        )
      },
    ),
  ))

test('a request with an invalid body leaves no connection open', () =>
  run(() =>
    serving(
      () => {},
      function* (port) {
        const request = http.request(`http://127.0.0.1:${port}/`, { body: 5 as never, agent })
        expect(yield* failure(request)).toMatchObject({ name: 'TypeError', message: expect.stringContaining('`body`') })
      },
    ),
  ))

test('a handler that is killed, or fails in the middle of its response, closes the connection', () =>
  run(function* () {
    const received = new Event()
    yield* serving(
      function* (request, response) {
        if (request.url === '/killed') throw new GreenletExit()
        response.write('the first half')
        yield* received.wait()
        throw new Error('there is no other half')
      },
      function* (port) {
        const url = `http://127.0.0.1:${port}`
        expect(yield* failure(http.get(`${url}/killed`, { agent }))).toMatchObject({ code: 'ECONNRESET' })
        const half = yield* http.get(`${url}/half`, { agent })
        expect(String(yield* half.read())).toBe('the first half')
        received.set()
        expect(yield* failure(half.read())).toMatchObject({ code: 'ECONNRESET' })
      },
    )
    expect(() => http.createServer({}, undefined as never)).toThrow(/`handler`/)
  }))

test('a request fails when its timeout expires', () =>
  run(() =>
    serving(
      () => {},
      function* (port) {
        const error = yield* failure<OSError>(http.get(`http://127.0.0.1:${port}/`, { timeout: 20, agent }))
        expect(error.code).toBe('ETIMEDOUT')
      },
    ),
  ))

test('a request fails if the server switches to another protocol', () =>
  run(function* () {
    const server = http.createServer(() => {})
    server.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\n')
    })
    yield* server.listen(0, '127.0.0.1')
    const { port } = server.address() as AddressInfo
    const headers = { upgrade: 'other', connection: 'upgrade' }
    const error = yield* failure<OSError>(http.get(`http://127.0.0.1:${port}/`, { headers, agent }))
    expect(error.code).toBe('ECONNRESET')
    yield* server.close()
  }))
