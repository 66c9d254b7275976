import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt, Event, Greenlet, GreenletExit, Queue, sleep, spawn } from '@greenlit/core'
import { useVirtualClock } from '@greenlit/core/testing'
import { describe, expect, test } from 'vitest'
import { ConnectionError } from '../../src/errors/connection-error.ts'
import { InvalidJSONError } from '../../src/errors/invalid-json-error.ts'
import { ReadTimeout } from '../../src/errors/read-timeout.ts'
import { Request } from '../../src/request/request.ts'
import type { RequestOptions } from '../../src/session/options.ts'
import { ENGINES, onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { loopTurns } from '../support/loop-turns.ts'
import { startRawServer } from '../support/raw-server.ts'
import { useClosing, useSession } from '../support/session.ts'
import { type Echo, startSite } from '../support/site.ts'

guardLeaks()

onEachEngine('a request’s body', (makeEngine) => {
  const site = useClosing(() => startSite())
  const session = useSession(makeEngine)
  const echo = async (options: RequestOptions, method = 'POST') =>
    (await session.current.request(method, `${site.current.url}/echo`, options)).json<Echo>()

  test('is a form from an object or pairs', async () => {
    const sent = await echo({ data: { a: 'x y', b: ['1', '2'], c: undefined } })
    expect(sent.body).toBe('a=x+y&b=1&b=2')
    expect(sent.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(
      (
        await echo({
          data: [
            ['a', '1'],
            ['a', '2'],
          ],
        })
      ).body,
    ).toBe('a=1&a=2')
  })

  test('cannot be bytes whose buffer was transferred, which look empty', async () => {
    const gone = new Uint8Array(4)
    structuredClone(gone.buffer, { transfer: [gone.buffer] })
    const post = (data: RequestOptions['data']) => session.current.post(`${site.current.url}/echo`, { data })
    expect(() => post(gone)).toThrow(/detached/)
    await expect(
      post(
        (function* () {
          yield gone
        })(),
      ),
    ).rejects.toThrow(/detached/)
    const prepared = new Request('POST', site.current.url).prepare()
    expect(() => {
      prepared.body = gone
    }).toThrow(/detached/)
  })

  test('is JSON, unless `data` is not empty', async () => {
    const sent = await echo({ json: { a: [1, 'ë'] } })
    expect(JSON.parse(sent.body)).toEqual({ a: [1, 'ë'] })
    expect(sent.headers['content-type']).toBe('application/json')
    expect((await echo({ json: { a: 1 }, data: { b: '2' } })).body).toBe('b=2')
    expect((await echo({ json: { a: 1 }, data: {} })).body).toBe('{"a":1}')
    expect((await echo({ json: { a: 1 }, data: new URLSearchParams() })).body).toBe('{"a":1}')
    expect((await echo({ json: null })).body).toBe('null')
  })

  test('is rejected if JSON cannot represent it', async () => {
    const result = await attempt(session.current.post(site.current.url, { json: { a: Number.NaN } }))
    expect((result as { error: Error }).error).toBeInstanceOf(InvalidJSONError)
  })

  test('is rejected if it is an operation or a greenlet', () => {
    for (const data of [sleep(1), session.current.get(site.current.url), new Greenlet(() => 1)])
      expect(() => session.current.post(site.current.url, { data: data as never })).toThrow(
        'Expected `data` to be a form',
      )
    expect(() => session.current.post(site.current.url, { files: { a: sleep(1) as never } })).toThrow('the file `a`')
  })

  test('is rejected if it is a promise', async () => {
    const post = (options: object) => session.current.post(site.current.url, options)
    expect(() => post({ data: Promise.resolve('text') })).toThrow(
      /^Expected `data` to be .*, got an object of Promise$/,
    )
    await expect(post({ json: Promise.resolve({}) })).rejects.toThrow(/^Expected `json` to be .* Promise$/)
    expect((await echo({ data: { then: 'text' } })).body).toBe('then=text')
  })

  test('is rejected if it is a FileHandle, and the error names that type', async () => {
    const file = await open(import.meta.filename)
    expect(() => session.current.post(site.current.url, { data: file as never })).toThrow(
      /^Expected `data` to be .* an iterable or stream of them, got an object of FileHandle$/,
    )
    await file.close()
  })

  test('is rejected if its files are not an object', () => {
    expect(() => session.current.post(site.current.url, { files: 'report.csv' as never })).toThrow(
      'Expected `files` to be an object, or pairs of a field\'s name and its file, got "report.csv"',
    )
  })

  test('is text or bytes unchanged', async () => {
    const text = await echo({ data: 'ëlïxr' })
    expect(text.body).toBe('ëlïxr')
    expect(text.headers['content-length']).toBe('7')
    expect((await echo({ data: Uint8Array.of(104, 105) })).body).toBe('hi')
    expect((await echo({ data: 'on the way' }, 'GET')).body).toBe('on the way')
  })

  test('is multipart with files, and fields of any script', async () => {
    const sent = await echo({ data: { ëlïxr: 'ëlïxr' }, files: { file: ['ëlïxr.txt', 'content', 'text/plain'] } })
    expect(sent.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(sent.body).toContain('name="ëlïxr"\r\n\r\nëlïxr\r\n')
    expect(sent.body).toContain('filename="ëlïxr.txt"\r\nContent-Type: text/plain\r\n\r\ncontent\r\n')
    expect(Number(sent.headers['content-length'])).toBe(Buffer.byteLength(sent.body))
  })

  test('is multipart with the boundary of an explicit Content-Type', async () => {
    const form = new FormData()
    form.set('a', 'x')
    for (const body of [{ files: { a: [null, 'x'] as const } }, { data: form }]) {
      const sent = await echo({ ...body, headers: { 'Content-Type': 'multipart/form-data; boundary="mine"' } })
      expect(sent.body).toBe('--mine\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--mine--\r\n')
      expect(sent.headers['content-type']).toBe('multipart/form-data; boundary="mine"')
    }
  })

  test('from a generator is chunked', async () => {
    function* pieces() {
      yield 'one '
      yield Uint8Array.of(116, 119, 111)
    }
    const sent = await echo({ data: pieces() })
    expect(sent.body).toBe('one two')
    expect(sent.headers['transfer-encoding']).toBe('chunked')
    expect(sent.headers).not.toHaveProperty('content-length')
  })

  test('from a generator that blocks between its pieces is sent as they come', async () => {
    const queue = new Queue<string>()
    function* pieces() {
      for (let left = 2; left > 0; left -= 1) yield yield* queue.get()
      yield* sleep(1)
      yield 'end'
    }
    const answer = spawn(() => session.current.post(`${site.current.url}/echo`, { data: pieces() }))
    for (const piece of ['one ', 'two ']) {
      await sleep(5)
      queue.putNowait(piece)
    }
    expect((await answer.get()).json<Echo>().body).toBe('one two end')
    const { body } = await echo({
      files: {
        a: [
          'a.txt',
          (function* () {
            yield* sleep(1)
            yield 'slow'
          })(),
        ],
      },
    })
    expect(body).toContain('\r\n\r\nslow\r\n')
  })

  test('from a generator that blocks runs its finally blocks when the request is killed', async () => {
    const steps: string[] = []
    const waiting = new Event()
    function* pieces() {
      try {
        yield 'one'
        waiting.set()
        yield* new Event().wait()
      } finally {
        steps.push('closing')
        yield* sleep(5)
        steps.push('closed')
      }
    }
    const greenlet = spawn(() => session.current.post(`${site.current.url}/echo`, { data: pieces() }))
    await waiting.wait()
    await greenlet.kill()
    expect(steps).toEqual(['closing', 'closed'])
    steps.length = 0
    const late = session.current.post(`${site.current.url}/echo`, { data: pieces(), timeout: 50 })
    expect((await attempt(late)).ok).toBe(false)
    expect(steps).toEqual(['closing', 'closed'])
  })

  test('from a generator that goes on producing runs its finally blocks before the request fails', async () => {
    const steps: string[] = []
    function* pieces() {
      try {
        for (;;) {
          yield 'one'
          yield* sleep(1)
        }
      } finally {
        yield* sleep(20)
        steps.push('closed')
      }
    }
    const late = session.current.post(`${site.current.url}/echo`, { data: pieces(), timeout: 50 })
    expect((await attempt(late)).ok).toBe(false)
    expect(steps).toEqual(['closed'])
  })

  test('from a generator that never ends does not hold up the request for long', async () => {
    const stuck = new Event()
    function* pieces() {
      try {
        yield 'one'
        yield* stuck.wait()
      } finally {
        yield* stuck.wait()
      }
    }
    const late = session.current.post(`${site.current.url}/echo`, { data: pieces(), timeout: 50 })
    const begun = performance.now()
    await expect(late).rejects.toBeInstanceOf(ReadTimeout)
    expect(performance.now() - begun).toBeLessThan(3_000)
    stuck.set()
  })

  test('from a generator that holds something releases it before the request fails', async () => {
    const steps: string[] = []
    function* pieces() {
      try {
        yield 7 as unknown as string
      } finally {
        yield* sleep(5)
        steps.push('closed')
      }
    }
    await expect(session.current.post(`${site.current.url}/echo`, { data: pieces() })).rejects.toThrow(TypeError)
    await expect.poll(() => steps).toEqual(['closed'])
  })

  test('from a file that cannot be opened fails with its error, even if other files are sent first', async () => {
    const missing = () => createReadStream(join(tmpdir(), 'greenlit', 'no', 'such', 'file'))
    await expect(echo({ data: missing() })).rejects.toMatchObject({ code: 'ENOENT' })
    function* slow() {
      yield* sleep(30)
      yield 'first'
    }
    await expect(echo({ files: { first: ['first', slow()], second: missing() } })).rejects.toMatchObject({
      code: 'ENOENT',
    })
  })

  test('from a file read as text is sent as UTF-8, in chunks', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
    writeFileSync(join(folder, 'a.txt'), Buffer.from('\xe9t\xe9', 'latin1'))
    const sent = await echo({ data: createReadStream(join(folder, 'a.txt'), { encoding: 'latin1' }) })
    expect([sent.body, sent.headers['transfer-encoding']]).toEqual(['été', 'chunked'])
    rmSync(folder, { recursive: true })
  })

  test('may be another response, sent as it is received or from memory', async () => {
    for (const stream of [true, false]) {
      const page = await session.current.get(`${site.current.url}/echo`, { stream })
      const { body } = await echo({ data: page })
      expect(JSON.parse(body)).toMatchObject({ method: 'GET' })
      expect(
        (await echo({ files: { page: ['page.json', await session.current.get(`${site.current.url}/echo`)] } })).body,
      ).toContain('"method":"GET"')
    }
  })

  test('may have no pieces at all', async () => {
    expect((await echo({ data: (function* () {})() })).body).toBe('')
    expect((await echo({ data: ['', Buffer.alloc(0)][Symbol.iterator]() })).body).toBe('')
    expect((await echo({ data: 'next' })).body).toBe('next')
    expect(
      (
        await echo({
          data: {
            *[Symbol.iterator]() {
              yield 'some'
            },
          },
        })
      ).body,
    ).toBe('some')
    expect(site.current.connections()).toBe(1)
  })

  test('aborts the request at a piece that is neither bytes nor text', async () => {
    await expect(echo({ data: ['one', 2][Symbol.iterator]() as never })).rejects.toThrow(
      'Expected a piece of the body to be bytes or text, got 2',
    )
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('is rejected with an invalid length, or with files and data that is not a form', async () => {
    const headers = { 'Content-Length': '1e3' }
    await expect(echo({ data: (function* () {})(), headers })).rejects.toThrow(
      'Expected the header `Content-Length` to be a number of bytes',
    )
    await expect(echo({ data: 'text', files: { a: 'b' } })).rejects.toThrow(
      'Expected `data` to be an object or pairs where there are files, got "text"',
    )
    expect(site.current.seen).toHaveLength(0)
  })

  test('may be a form from a Map, which is no body if empty', async () => {
    expect((await echo({ data: new Map([['a', '1']]) as never })).body).toBe('a=1')
    expect((await echo({ data: new Map() as never, json: 1 })).body).toBe('1')
  })

  test('from an async generator is sent with the declared length', async () => {
    async function* pieces() {
      yield 'one '
      await sleep(1)
      yield 'two'
    }
    const sent = await echo({ data: pieces(), headers: { 'Content-Length': '7' } })
    expect(sent.body).toBe('one two')
    expect(sent.headers['content-length']).toBe('7')
    expect(sent.headers).not.toHaveProperty('transfer-encoding')
  })

  test.each(['6', '8'])('of seven bytes declared as %s is an error', async (length) => {
    const pieces = new Set(['one ', 'two'])
    const sent = await attempt(
      session.current.post(`${site.current.url}/echo`, { data: pieces, headers: { 'Content-Length': length } }),
    )
    expect((sent as { error: Error }).error).toBeInstanceOf(ConnectionError)
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('may take longer to send than the read timeout', async () => {
    async function* pieces() {
      for (const piece of ['one ', 'two ', 'three']) {
        await sleep(80)
        yield piece
      }
    }
    const sent = await echo({ data: pieces(), timeout: [5000, 120] })
    expect(sent.body).toBe('one two three')
  })

  test('may take longer to produce than the read timeout, but not forever', async () => {
    async function* pieces() {
      yield 'one '
      await sleep(300)
      yield 'two'
    }
    expect((await echo({ data: pieces(), timeout: [5000, 60] })).body).toBe('one two')
    const more = new Event()
    async function* endless() {
      yield 'one'
      await more.wait()
    }
    const late = echo({ data: endless(), timeout: { read: 60, total: 300 } })
    await expect(late).rejects.toMatchObject({ name: 'ReadTimeout' })
    more.set()
  })

  test('leaves the server the full read timeout after its end, and no more', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      while (!connection.received().endsWith('0\r\n\r\n')) await sleep(1)
      await sleep(300)
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    async function* pieces() {
      await sleep(300)
      yield 'all'
    }
    const send = () => session.current.post(server.url, { data: pieces(), timeout: [5000, 450] })
    expect((await send()).text).toBe('ok')
    await expect(send()).rejects.toMatchObject({ name: 'ReadTimeout' })
    await server.close()
  })

  test('that the server reads slowly is no timeout, but one that it does not read is', async () => {
    using clock = useVirtualClock()
    const size = 40_000_000
    // The system's socket buffers take these from the client long before the server reads them.
    const buffered = 12_000_000
    let left = size
    const server = await startRawServer(({ socket }, index) => {
      socket.removeAllListeners('data')
      if (index > 0) return void socket.pause()
      socket.on('data', async (bytes: Buffer) => {
        left -= bytes.length
        if (left === size - bytes.length) left += bytes.indexOf('\r\n\r\n') + 4
        if (left === 0) socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok')
        if (left < buffered) return
        socket.pause()
        // The whole takes at least twice the limit.
        await clock.advance(5)
        socket.resume()
      })
    })
    const send = () => session.current.post(server.url, { data: Buffer.alloc(size), timeout: [5000, 1_000] })
    expect((await send()).text).toBe('ok')
    expect(clock.now()).toBeGreaterThan(2_000)
    const refused = spawn(() => attempt(send()))
    while (server.connections() < 2) await loopTurns()
    while (!refused.ready()) {
      await clock.advance(1_000)
      await loopTurns()
    }
    expect(await refused).toMatchObject({ ok: false, error: { name: 'ReadTimeout' } })
    session.current.close()
    await server.close()
  })

  test('from a Blob has its length and type', async () => {
    const sent = await echo({ data: new Blob(['some text'], { type: 'text/x-own' }) })
    expect(sent.body).toBe('some text')
    expect(sent.headers['content-length']).toBe('9')
    expect(sent.headers['content-type']).toBe('text/x-own')
  })

  test('may have very many pieces', async () => {
    function* pieces() {
      for (let index = 0; index < 1000; index += 1) yield `${index},`
    }
    expect((await echo({ data: pieces() })).body).toBe([...pieces()].join(''))
  })

  test('of ten megabytes arrives complete', async () => {
    function* pieces() {
      for (let index = 0; index < 160; index += 1) yield Buffer.alloc(64 * 1024, index)
    }
    const warnings: Error[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    await session.current.post(`${site.current.url}/status/200`, { data: pieces() })
    process.off('warning', note)
    expect(warnings).toEqual([])
    const { body } = site.current.seen[0]!
    expect(body.length).toBe(160 * 64 * 1024)
    expect(body.at(-1)).toBe(159)
  })

  test('whose source fails aborts the request with the source’s error', async () => {
    let closed = false
    function* pieces() {
      try {
        yield 'one'
        throw new RangeError('no more')
      } finally {
        closed = true
      }
    }
    const result = await attempt(session.current.post(`${site.current.url}/echo`, { data: pieces() }))
    expect((result as { error: Error }).error.message).toBe('no more')
    expect(closed).toBe(true)
  })

  test.each([
    ['at once', () => [][Symbol.iterator]()],
    ['after a piece', () => ['one'][Symbol.iterator]()],
  ])('whose source throws GreenletExit %s ends the request and the connection', async (_when, first) => {
    await session.current.get(`${site.current.url}/echo`)
    const exit = new GreenletExit('no more')
    function* pieces() {
      yield* first()
      throw exit
    }
    async function* later() {
      yield* first()
      await sleep(1)
      throw exit
    }
    for (const data of [pieces(), later()]) {
      const sent = spawn(function* () {
        try {
          yield* session.current.post(`${site.current.url}/echo`, { data, timeout: 5000 })
        } catch (error) {
          return error
        }
        return undefined
      })
      expect(await sent.get()).toBe(exit)
      await expect.poll(() => site.current.open()).toBe(0)
    }
    expect((await session.current.get(`${site.current.url}/echo`)).statusCode).toBe(200)
  })

  test('is closed when the request is killed', async () => {
    const asked = new Event()
    const closed = new Event()
    async function* pieces() {
      try {
        for (;;) {
          await sleep(1)
          yield 'more'
          asked.set()
        }
      } finally {
        closed.set()
      }
    }
    const url = `${site.current.url}/echo`
    const greenlet = spawn(() => session.current.post(url, { data: pieces() }))
    await asked.wait()
    await greenlet.kill()
    expect(await closed.wait({ timeout: 5000 })).toBe(true)
  })
})

onEachEngine('an upload that the server does not read', (makeEngine) => {
  const session = useSession(makeEngine)

  test('ignores what its source throws when it is closed', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nless')
      await connection.closed
    })
    let closed = 0
    function* endless() {
      try {
        for (;;) yield Buffer.alloc(1_000_000)
      } finally {
        closed += 1
        // biome-ignore lint/correctness/noUnsafeFinally: what is shown
        throw new RangeError('not now')
      }
    }
    expect((await session.current.post(server.url, { data: endless() })).text).toBe('less')
    expect(closed).toBe(1)
    await server.close()
  })

  test('has its source closed when the request is killed', async () => {
    const server = await startRawServer(({ socket }) => void socket.removeAllListeners('data').pause())
    const closed = new Event()
    let madeAt = performance.now()
    async function* endless() {
      try {
        for (;;) {
          madeAt = performance.now()
          yield Buffer.alloc(1_000_000)
        }
      } finally {
        closed.set()
      }
    }
    const greenlet = spawn(() => session.current.post(server.url, { data: endless() }))
    // The source is not asked for more: the writer is waiting.
    await expect.poll(() => performance.now() - madeAt, { timeout: 10_000 }).toBeGreaterThan(200)
    await greenlet.kill()
    expect(await closed.wait({ timeout: 5000 })).toBe(true)
    await server.close()
  })
})

onEachEngine('a response during the upload', (makeEngine) => {
  const session = useSession(makeEngine)

  test('ends it and the connection, since the server may never read the rest', async () => {
    const size = 40_000_000
    const answered = new Event()
    const left = new Event()
    let length = 0
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.socket.pause()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      await answered.wait()
      connection.socket.resume()
      await connection.closed
      length = connection.received().length
      left.set()
    })
    expect((await session.current.post(server.url, { data: Buffer.alloc(size) })).text).toBe('ok')
    answered.set()
    await left.wait()
    expect(length).toBeLessThan(size)
    await server.close()
  })
})

onEachEngine('a response that begins during the upload', (makeEngine) => {
  const session = useSession(makeEngine)

  test('closes the source if its reader is killed', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nthe ')
      await connection.closed
    })
    const closed = new Event()
    const pieces = ['one']
    const silent = {
      next: async () => {
        const value = pieces.pop()
        return value === undefined ? new Promise<never>(() => {}) : { done: false as const, value }
      },
      return: async () => {
        closed.set()
        return { done: true as const, value: undefined }
      },
      [Symbol.asyncIterator]: () => silent,
    }
    const response = await session.current.post(server.url, { data: silent, stream: true })
    const reader = spawn(() => response.read())
    await loopTurns()
    await reader.kill()
    expect(await closed.wait({ timeout: 5000 })).toBe(true)
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test('breaks off with the error of the source', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nthe ')
      await connection.closed
    })
    const isAnswered = new Event()
    async function* pieces() {
      yield 'one'
      await isAnswered.wait()
      throw new RangeError('no more')
    }
    const response = await session.current.post(server.url, { data: pieces(), stream: true })
    const reader = spawn(function* () {
      return yield* attempt(response.read())
    })
    await loopTurns()
    isAnswered.set()
    const read = (await reader.get({ timeout: 5000 })) as { error: Error }
    expect(read.error).toEqual(new RangeError('no more'))
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test('ends the source and the connection if it is complete before the upload', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      await connection.closed
    })
    const closed = new Event()
    async function* endless() {
      try {
        for (;;) {
          await sleep(1)
          yield 'x'
        }
      } finally {
        closed.set()
      }
    }
    expect((await session.current.post(server.url, { data: endless() })).text).toBe('ok')
    expect(await closed.wait({ timeout: 5000 })).toBe(true)
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test('closes a source that has nothing to give if it is complete before the upload', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      await connection.closed
    })
    const closed = new Event()
    const pieces = ['x']
    const silent = {
      next: async () => {
        const value = pieces.pop()
        return value === undefined ? new Promise<never>(() => {}) : { done: false as const, value }
      },
      return: async (value: undefined) => {
        closed.set()
        return { done: true as const, value }
      },
      [Symbol.asyncIterator]: () => silent,
    }
    expect((await session.current.post(server.url, { data: silent })).text).toBe('ok')
    expect(await closed.wait({ timeout: 5000 })).toBe(true)
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test('leaves the next request alone if the source fails after it', async () => {
    const isAsked = new Event()
    const hasFailed = new Event()
    const server = await startRawServer(async (connection) => {
      const head = await connection.request()
      if (head.startsWith('GET')) {
        isAsked.set()
        await hasFailed.wait()
      }
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      await connection.closed
    })
    async function* failing() {
      yield 'x'
      await isAsked.wait()
      setTimeout(() => hasFailed.set())
      throw new RangeError('no more')
    }
    expect((await session.current.post(server.url, { data: failing() })).text).toBe('ok')
    expect((await session.current.get(server.url)).text).toBe('ok')
    await server.close()
  })

  test('is read concurrently, and the connection is reusable once both are complete', async () => {
    const server = await startRawServer(async (connection) => {
      for (let times = 0, from = 0; times < 2; times += 1) {
        const comes = async (text: string): Promise<void> => {
          while (!connection.received().slice(from).includes(text)) await sleep(1)
        }
        await comes('one')
        connection.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n')
        await comes('two\r\n0\r\n\r\n')
        from = connection.received().length
        connection.write('all')
      }
    })
    for (let times = 0; times < 2; times += 1) {
      const isAnswered = new Event()
      async function* pieces() {
        yield 'one'
        await isAnswered.wait()
        yield 'two'
      }
      const response = await session.current.post(server.url, { data: pieces(), stream: true })
      isAnswered.set()
      expect(Buffer.from(await response.read()).toString()).toBe('all')
    }
    expect(server.connections()).toBe(1)
    await server.close()
  })
})

onEachEngine('a connection that breaks during the upload and its answer', (makeEngine) => {
  const session = useSession(makeEngine)

  test('ends both, and closes a source that has nothing to give', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nthe ')
      while (!connection.received().includes('one')) await sleep(1)
      connection.socket.destroy()
    })
    const closed = new Event()
    const pieces = ['one']
    const silent = {
      next: async () => {
        const value = pieces.pop()
        return value === undefined ? new Promise<never>(() => {}) : { done: false as const, value }
      },
      return: async (value: undefined) => {
        closed.set()
        return { done: true as const, value }
      },
      [Symbol.asyncIterator]: () => silent,
    }
    const response = await session.current.post(server.url, { data: silent, stream: true })
    const read = await attempt(response.read())
    expect((read as { error: Error }).error.name).toBe('ChunkedEncodingError')
    expect(await closed.wait({ timeout: 5000 })).toBe(true)
    await server.close()
  })
})

onEachEngine('a refusal during the upload', (makeEngine) => {
  const session = useSession(makeEngine)

  test.each([400, 413])('with %d is read, and the rest of the upload is left', async (status) => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write(`HTTP/1.1 ${status} No\r\nContent-Length: 4\r\n\r\nless`)
      await connection.closed
    })
    async function* endless() {
      for (;;) {
        await sleep(1)
        yield 'x'.repeat(1000)
      }
    }
    const response = await session.current.post(server.url, { data: endless() })
    expect(response.statusCode).toBe(status)
    expect(response.text).toBe('less')
    await server.close()
  })

  test('closes the source at once, before it is read', async () => {
    const closed = new Event()
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\n')
      await closed.wait()
      connection.write('less')
      await connection.closed
    })
    async function* endless() {
      try {
        for (;;) {
          await sleep(1)
          yield 'x'
        }
      } finally {
        closed.set()
      }
    }
    expect((await session.current.post(server.url, { data: endless(), timeout: 5000 })).text).toBe('less')
    await server.close()
  })
})

/** undici sends the head with the first piece. */
const SENDING_HEADS_FIRST = ENGINES.filter(([name]) => !name.startsWith('undici'))

describe.each(SENDING_HEADS_FIRST)('the head of an upload, on %s', (_name, makeEngine) => {
  const session = useSession(makeEngine)

  test('is sent before the first piece', async () => {
    const isAsked = new Event()
    const server = await startRawServer(async (connection) => {
      const head = await connection.request()
      expect(head).toContain('\r\nX-Name: \xe9\r\n')
      isAsked.set()
      while (!connection.received().endsWith('0\r\n\r\n')) await sleep(1)
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    async function* patient() {
      await isAsked.wait()
      yield 'x'
    }
    const response = await session.current.post(server.url, { data: patient(), headers: { 'X-Name': '\xe9' } })
    expect(response.text).toBe('ok')
    await server.close()
  })
})
