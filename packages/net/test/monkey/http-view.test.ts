import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Coroutine, Event, GreenletExit, original } from '@greenlit/core'
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

test('reading a body that stops for the timeout of its request fails, while one that has arrived stays', () =>
  run(() =>
    serving(
      ({ url }, response) => void (url === '/part' ? response.write('part') : response.end('whole')),
      function* (port) {
        const stopped = yield* http.get(`http://127.0.0.1:${port}/part`, { timeout: 200, agent })
        expect(String(yield* stopped.read())).toBe('part')
        expect(yield* failure(stopped.read())).toMatchObject({ code: 'ETIMEDOUT', errno: 110 })
        const keeping = new http.Agent({ keepAlive: true })
        const whole = yield* http.get(`http://127.0.0.1:${port}/whole`, { timeout: 200, agent: keeping })
        const idle = new Event()
        original<IncomingMessage>(whole).socket.once('timeout', () => idle.set())
        yield* idle.wait()
        expect(String(yield* whole.read())).toBe('whole')
        expect(yield* whole.read()).toBeUndefined()
        keeping.destroy()
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
