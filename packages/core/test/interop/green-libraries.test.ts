import * as dnsPromises from 'node:dns/promises'
import * as fsPromises from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as timersPromises from 'node:timers/promises'
import { each, green, joinall, once, original, sleep, spawn, until, withTimeout } from '@greenlit/core'
import axios from 'axios'
import * as undici from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { program, raisedBy } from '../support.ts'

describe('green(node:fs/promises)', () => {
  const fs = green(fsPromises)

  it(
    'reads and writes files, also through handles',
    program(function* () {
      const folder = yield* fs.mkdtemp(join(tmpdir(), 'greenlit-'))
      try {
        const path = join(folder, 'file.txt')
        yield* fs.writeFile(path, 'one\ntwo\n')
        expect(yield* fs.readFile(path, 'utf8')).toBe('one\ntwo\n')
        expect((yield* fs.stat(path)).size).toBe(8)
        expect((yield* fs.readdir(folder, { withFileTypes: true }))[0]!.isFile()).toBe(true)
        const handle = yield* fs.open(path, 'a+')
        yield* handle.write('three\n')
        const { bytesRead } = yield* handle.read(new Uint8Array(5), 0, 5, 0)
        expect(bytesRead).toBe(5)
        yield* handle.close()
        const lines: string[] = []
        const again = yield* fs.open(path)
        yield* each(again.readLines(), (line) => void lines.push(line))
        expect(lines).toEqual(['one', 'two', 'three'])
        const entries: string[] = []
        yield* each(yield* fs.opendir(folder), (entry) => void entries.push(entry.name))
        expect(entries).toEqual(['file.txt'])
      } finally {
        yield* fs.rm(folder, { recursive: true })
      }
    }),
  )

  it(
    'throws the errors of the module',
    program(function* () {
      expect(yield* raisedBy(fs.readFile(join(tmpdir(), 'no such file')))).toMatchObject({ code: 'ENOENT' })
    }),
  )

  it('returns the same view each time, and original returns the module', () => {
    expect(green(fsPromises)).toBe(fs)
    expect(original(fs)).toBe(fsPromises)
  })
})

describe('green(node:timers/promises)', () => {
  const timers = green(timersPromises)

  it(
    'waits, and returns the value',
    program(function* () {
      expect(yield* timers.setTimeout(1, 'value')).toBe('value')
      expect(yield* timers.setImmediate(7)).toBe(7)
      yield* timers.scheduler.wait(1)
    }),
  )

  it(
    'cancels the timer when the wait is killed',
    program(function* () {
      const pending = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
      const before = pending()
      const waiters = [
        spawn(() => timers.setTimeout(60_000)),
        spawn(() => timers.setTimeout(60_000, 'value', { ref: true })),
      ]
      yield* sleep(0)
      expect(pending()).toBe(before + 2)
      for (const waiter of waiters) yield* waiter.kill()
      expect(pending()).toBe(before)
    }),
  )

  it(
    'iterates over ticks',
    program(function* () {
      const ticks = timers.setInterval(1, 'tick').iterate()
      expect(yield* ticks.next()).toEqual({ done: false, value: 'tick' })
      expect(yield* ticks.next()).toEqual({ done: false, value: 'tick' })
      yield* ticks.close()
    }),
  )
})

describe('green(node:dns/promises)', () => {
  const dns = green(dnsPromises)

  it(
    'looks up addresses',
    program(function* () {
      expect((yield* dns.lookup('127.0.0.1')).family).toBe(4)
      expect(yield* dns.lookup('127.0.0.1', { all: true })).toEqual([{ address: '127.0.0.1', family: 4 }])
      expect(new dns.Resolver()).toBeInstanceOf(dnsPromises.Resolver)
      expect(dns.getServers()).toEqual(dnsPromises.getServers())
    }),
  )
})

describe('HTTP clients', () => {
  let server: Server
  let base = ''
  /** The number of requests for `/never` whose connection the client has closed. */
  let cutOff = 0

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/never') {
        request.resume()
        response.on('close', () => {
          cutOff += 1
        })
        return
      }
      const chunks: Buffer[] = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', () => {
        response.setHeader('content-type', 'application/json')
        response.statusCode = request.url === '/missing' ? 404 : 200
        response.end(JSON.stringify({ path: request.url, sent: Buffer.concat(chunks).toString() }))
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    await until(new Promise((resolve) => server.close(resolve)))
  })

  interface Echo {
    path: string
    sent: string
  }

  /** Kills each call while it waits, and expects its connection to be closed. */
  function* expectCutOff(calls: (() => unknown)[]) {
    for (const call of calls) {
      const before = cutOff
      const requested = spawn(() => once(server, 'request'))
      const greenlet = spawn(call)
      yield* requested
      yield* greenlet.kill()
      const cut = yield* withTimeout(
        2000,
        function* () {
          while (cutOff === before) yield* sleep(1)
          return true
        },
        { timeoutValue: false },
      )
      expect([String(call), cut]).toEqual([String(call), true])
    }
  }

  describe('green(axios)', () => {
    const http = green(axios)

    it(
      'makes requests when called as a function, by its methods and through instances',
      program(function* () {
        const response = yield* http.get<Echo>(`${base}/a`)
        expect(response.status).toBe(200)
        expect(response.data).toEqual({ path: '/a', sent: '' })
        expect((yield* http.post<Echo>(`${base}/b`, { x: 1 })).data.sent).toBe('{"x":1}')
        expect((yield* http<Echo>(`${base}/c`)).data.path).toBe('/c')
        expect((yield* http<Echo>({ url: `${base}/d` })).data.path).toBe('/d')
        const instance = http.create({ baseURL: base })
        expect((yield* instance.get<Echo>('/e')).data.path).toBe('/e')
        expect((yield* instance<Echo>('/f')).data.path).toBe('/f')
        expect(instance.defaults.baseURL).toBe(base)
        expect((yield* new http.Axios({ baseURL: base }).request({ url: '/g' })).status).toBe(200)
      }),
    )

    it(
      'makes many requests at once',
      program(function* () {
        const greenlets = Array.from({ length: 20 }, (_, index) => spawn(() => http.get<Echo>(`${base}/${index}`)))
        yield* joinall(greenlets)
        expect(greenlets.map((greenlet) => greenlet.value!.data.path)).toEqual(greenlets.map((_, index) => `/${index}`))
      }),
    )

    it(
      'throws axios errors, which axios recognises',
      program(function* () {
        const error = yield* raisedBy(http.get(`${base}/missing`))
        expect(http.isAxiosError(error)).toBe(true)
        expect(error).toBeInstanceOf(http.AxiosError)
        expect(error).toMatchObject({ response: { status: 404 } })
      }),
    )

    it(
      'runs interceptors',
      program(function* () {
        const instance = http.create({ baseURL: base })
        instance.interceptors.request.use((config) => {
          config.url = '/intercepted'
          return config
        })
        expect((yield* instance.get<Echo>('/x')).data.path).toBe('/intercepted')
      }),
    )

    it(
      'closes the connection when a request is killed, however it was made',
      program(function* () {
        const url = `${base}/never`
        const instance = http.create({ baseURL: base })
        yield* expectCutOff([
          () => http.get(url),
          () => http.get(url, { responseType: 'text' }),
          () => http.post(url, { x: 1 }),
          () => http.post(url, { x: 1 }, { headers: {} }),
          () => http(url),
          () => http({ url }),
          () => http.request({ url }),
          () => instance.delete('/never'),
        ])
      }),
    )
  })

  describe('green(undici)', () => {
    const http = green(undici)

    it(
      'makes requests, and reads bodies cooperatively',
      program(function* () {
        const { statusCode, body } = yield* http.request(`${base}/a`, { method: 'POST', body: 'sent' })
        expect(statusCode).toBe(200)
        expect(yield* body.json()).toEqual({ path: '/a', sent: 'sent' })
        const response = yield* http.fetch(`${base}/b`)
        expect(response.ok).toBe(true)
        expect(yield* response.json()).toEqual({ path: '/b', sent: '' })
        const chunks: string[] = []
        const streamed = yield* http.request(`${base}/c`)
        yield* each(streamed.body, (chunk) => void chunks.push(String(chunk)))
        expect(JSON.parse(chunks.join(''))).toEqual({ path: '/c', sent: '' })
      }),
    )

    it(
      'accepts views of dispatchers',
      program(function* () {
        const agent = new http.Agent({ connections: 1 })
        expect(agent).toBeInstanceOf(undici.Agent)
        const { body } = yield* http.request(`${base}/a`, { dispatcher: agent as unknown as undici.Agent })
        expect(yield* body.json()).toMatchObject({ path: '/a' })
        const client = new http.Client(base)
        const answer = yield* client.request({ path: '/b', method: 'GET' })
        expect(yield* answer.body.json()).toMatchObject({ path: '/b' })
        yield* client.close()
        yield* agent.close()
        expect(agent.closed).toBe(true)
      }),
    )

    it(
      'closes the connection when a request is killed',
      program(function* () {
        const url = `${base}/never`
        const client = new http.Client(base)
        yield* expectCutOff([
          () => http.request(url),
          () => http.request(url, { method: 'POST' }),
          () => http.fetch(url),
          () => client.request({ path: '/never', method: 'GET' }),
          () => green(fetch)(url),
          () => green(globalThis).fetch(url, { method: 'POST', body: 'x' }),
        ])
        yield* client.close()
      }),
    )
  })
})
