import * as zlib from 'node:zlib'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { attempt, ConcurrentObjectUseError, each, type Operation, spawn, withTimeout } from '@greenlit/core'
import { expect, test } from 'vitest'
import { ChunkedEncodingError } from '../../src/errors/chunked-encoding-error.ts'
import { ConnectionError } from '../../src/errors/connection-error.ts'
import { ContentDecodingError } from '../../src/errors/content-decoding-error.ts'
import { JSONDecodeError } from '../../src/errors/json-decode-error.ts'
import { ResponseTooLarge } from '../../src/errors/response-too-large.ts'
import { StreamConsumedError } from '../../src/errors/stream-consumed-error.ts'
import type { Response } from '../../src/response/response.ts'
import type { RequestOptions } from '../../src/session/options.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { loopTurns } from '../support/loop-turns.ts'
import { type RawConnection, startRawServer } from '../support/raw-server.ts'
import { useClosing, useSession } from '../support/session.ts'
import { startSite } from '../support/site.ts'

guardLeaks()

const zstd = (zlib as unknown as { zstdCompressSync?: (bytes: Uint8Array) => Uint8Array }).zstdCompressSync

onEachEngine('a response’s body', (makeEngine) => {
  const site = useClosing(() =>
    startSite({
      '/zstd': (_request, response) => {
        response.writeHead(200, { 'Content-Encoding': 'zstd' })
        response.end(zstd?.(Buffer.from('packed')))
      },
      '/stacked': (request, response) => {
        const times = Number(new URL(request.url!, 'http://site').searchParams.get('times'))
        let bytes: Uint8Array = Buffer.from('packed')
        for (let index = 0; index < times; index += 1) bytes = gzipSync(bytes)
        response.writeHead(200, { 'Content-Encoding': Array(times).fill('gzip').join(', ') })
        response.end(bytes)
      },
      '/cut-gzip': (_request, response) => {
        response.writeHead(200, { 'Content-Encoding': 'gzip' })
        response.end(gzipSync(Buffer.alloc(100_000, 'text ')).subarray(0, 150))
      },
      '/bomb': (_request, response) => {
        response.writeHead(200, { 'Content-Encoding': 'gzip' })
        response.end(gzipSync(Buffer.alloc(50 * 1024 * 1024)))
      },
      '/padded': (_request, response) => {
        response.writeHead(200, { 'Content-Encoding': 'gzip' })
        response.write(gzipSync('packed'))
        response.end(Buffer.alloc(10_000))
      },
      '/range': (request, response) => {
        const found = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')!
        response.writeHead(206)
        response.end('abcdefg'.slice(Number(found[1]), Number(found[2]) + 1))
      },
      '/tag': (request, response) => {
        response.writeHead(request.headers['if-none-match'] === '"a"' ? 304 : 200, { ETag: '"a"' })
        response.end()
      },
      '/lines': (_request, response) => {
        response.write('one\r')
        setTimeout(() => response.end('\ntwo\n\nthree ë'), 5)
      },
      '/unknown-coding': (_request, response) => {
        response.writeHead(200, { 'Content-Encoding': 'own' })
        response.end('as it is')
      },
      '/gbk': (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/plain; charset=gbk' })
        response.end(Buffer.from([0xd6, 0xd0, 0xce, 0xc4, 0x61, 0xd7, 0xd6]))
      },
      '/unnamed-gbk': (_request, response) => {
        response.end(Buffer.from('\xd6\xd0\xce\xc4\n<meta charset="gbk">', 'latin1'))
      },
      '/gbk-as-latin-1': (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html; charset=iso-8859-1' })
        response.end(Buffer.from('\xd6\xd0\xce\xc4\n<meta charset="gbk">', 'latin1'))
      },
      '/json-cut': (_request, response) => {
        response.end('["first",\n1, 2')
      },
      '/json-latin-1': (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json; charset=iso-8859-1' })
        response.end(Buffer.from('{"a":"ë"}', 'latin1'))
      },
      '/stalled': (_request, response) => {
        response.writeHead(200, { 'Content-Length': 1000 })
        response.write('never whole')
      },
      '/utf-16': (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' })
        response.end(Buffer.from('{"a":"ë"}', 'utf16le'))
      },
    }),
  )
  const session = useSession(makeEngine)
  const go = (path: string, options?: RequestOptions) => session.current.get(site.current.url + path, options)
  const failure = async (path: string, options?: RequestOptions) =>
    ((await attempt(go(path, options))) as unknown as { error: Error }).error

  test.each(['gzip', 'deflate', 'deflate-raw', 'br'])('is decoded from %s', async (coding) => {
    const response = await go(`/coding/${coding}`)
    expect(response.json<{ text: string }>().text).toHaveLength(5000)
    const streamed = await go(`/coding/${coding}`, { stream: true })
    expect(JSON.parse(Buffer.from(await streamed.read()).toString())).toHaveProperty('coding', coding)
    const pieces: Uint8Array[] = []
    const iterated = await go(`/coding/${coding}`, { stream: true })
    for await (const piece of iterated.iterContent()) pieces.push(piece)
    expect(JSON.parse(Buffer.concat(pieces).toString())).toHaveProperty('coding', coding)
  })

  test('is decoded as it streams even if its first byte arrives alone', async () => {
    for (const encode of [deflateRawSync, deflateSync]) {
      const bytes = encode('packed')
      const server = await startRawServer(async (connection) => {
        await connection.request()
        connection.socket.setNoDelay(true)
        connection.write(`HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: ${bytes.length}\r\n\r\n`)
        connection.write(bytes.subarray(0, 1))
        await loopTurns()
        connection.write(bytes.subarray(1))
      })
      const response = await session.current.get(server.url, { stream: true })
      const pieces: Uint8Array[] = []
      await each(response.iterContent(), (piece) => void pieces.push(piece))
      expect(Buffer.concat(pieces).toString()).toBe('packed')
      session.current.close()
      await server.close()
    }
  })

  test('is decoded from zstd if this Node version can, as Accept-Encoding says', async () => {
    if (zstd !== undefined) expect((await go('/zstd')).text).toBe('packed')
    await go('/echo')
    expect(site.current.seen.at(-1)!.headers['accept-encoding']!.includes('zstd')).toBe(zstd !== undefined)
  })

  test('is decoded from up to five codings', async () => {
    expect((await go('/stacked?times=5')).text).toBe('packed')
    expect(await failure('/stacked?times=6')).toBeInstanceOf(ContentDecodingError)
    const streamed = await go('/stacked?times=6', { stream: true })
    const read = await attempt(streamed.iterContent().next())
    expect((read as { error: Error }).error).toBeInstanceOf(ContentDecodingError)
    streamed.close()
  })

  test('is left as it is with an unknown coding', async () => {
    expect((await go('/unknown-coding')).text).toBe('as it is')
  })

  test('that is cut off within its coding is an error', async () => {
    expect(await failure('/cut-gzip')).toBeInstanceOf(ContentDecodingError)
    const streamed = await go('/cut-gzip', { stream: true })
    const read = await attempt(each(streamed.iterContent(), () => undefined))
    expect((read as { error: Error }).error).toBeInstanceOf(ContentDecodingError)
  })

  test('is rejected beyond its limit, decoded', async () => {
    expect(await failure('/bomb', { maxSize: 1024 * 1024 })).toBeInstanceOf(ResponseTooLarge)
    expect(await failure('/bomb')).toBeInstanceOf(ResponseTooLarge)
    const streamed = await go('/bomb', { stream: true, maxSize: 1024 * 1024 })
    const read = await attempt(each(streamed.iterContent(), () => undefined))
    expect((read as { error: Error }).error).toBeInstanceOf(ResponseTooLarge)
  })

  test('is rejected beyond its limit, as sent', async () => {
    expect(await failure('/bytes/5000', { maxSize: 4999 })).toBeInstanceOf(ResponseTooLarge)
    expect((await go('/bytes/5000', { maxSize: 5000 })).content).toHaveLength(5000)
    for (const [maxSize, isRead] of [
      [4999, false],
      [5000, true],
    ] as const) {
      const streamed = await go('/bytes/5000', { stream: true, maxSize })
      const read = await attempt(each(streamed.iterContent(), () => undefined))
      expect(read.ok).toBe(isRead)
      if (!read.ok) expect(read.error).toBeInstanceOf(ResponseTooLarge)
    }
  })

  test('is rejected beyond its limit as sent, however little it decodes to', async () => {
    expect((await go('/padded')).text).toBe('packed')
    expect(await failure('/padded', { maxSize: 5000 })).toBeInstanceOf(ResponseTooLarge)
    const streamed = await go('/padded', { stream: true, maxSize: 5000 })
    const read = await attempt(each(streamed.iterContent(), () => undefined))
    expect((read as { error: Error }).error).toBeInstanceOf(ResponseTooLarge)
  })

  test('is iterated in pieces of a given size', async () => {
    const response = await go('/bytes/10', { stream: true })
    const lengths: number[] = []
    await each(response.iterContent(4), (piece) => void lengths.push(piece.length))
    expect(lengths).toEqual([4, 4, 2])
    expect(() => response.iterContent('4' as unknown as number)).toThrow(TypeError)
    for (const size of [-1, 0, 0.5, 1.5, Number.NaN]) {
      expect(() => response.iterContent(size)).toThrow(RangeError)
      expect(() => response.iterContent(size)).toThrow(/size/)
    }
  })

  test('is iterated in pieces of text, wherever its characters are split', async () => {
    for (const stream of [true, false]) {
      const response = await go('/gbk', { stream })
      const pieces: string[] = []
      for await (const piece of response.iterContent(3, { decodeUnicode: true })) pieces.push(piece)
      expect(pieces).toEqual(['中', '文a', '字'])
    }
  })

  test('is iterated again from memory', async () => {
    const response = await go('/bytes/10')
    for (let times = 0; times < 2; times += 1) {
      const lengths: number[] = []
      for await (const piece of response.iterContent(4)) lengths.push(piece.length)
      expect(lengths).toEqual([4, 4, 2])
    }
  })

  test('is iterated in lines, wherever the pieces are split', async () => {
    const response = await go('/lines', { stream: true })
    response.encoding = 'utf-8'
    const lines: string[] = []
    await each(response.iterLines(), (line) => void lines.push(line))
    expect(lines).toEqual(['one', 'two', '', 'three ë'])
  })

  test('is iterated in pieces by `for await` over the response, which may also be the body of a request', async () => {
    const pieces: Uint8Array[] = []
    for await (const piece of await go('/bytes/100000', { stream: true })) pieces.push(piece)
    expect(Buffer.concat(pieces)).toHaveLength(100_000)
    const data = await go('/bytes/10', { stream: true })
    const echo = await session.current.post(`${site.current.url}/echo`, { data })
    expect(echo.json()).toMatchObject({ body: 'xxxxxxxxxx' })
  })

  test('can be streamed once', async () => {
    const response = await go('/bytes/10', { stream: true })
    expect(() => response.content).toThrow(StreamConsumedError)
    await each(response.iterContent(), () => undefined)
    expect(() => response.iterContent()).toThrow(StreamConsumedError)
    expect(() => response.content).toThrow(StreamConsumedError)
    const read = await attempt(response.read())
    const { error } = read as unknown as { error: StreamConsumedError }
    expect(error).toBeInstanceOf(StreamConsumedError)
    expect([error.request, error.response]).toEqual([response.request, response])
  })

  test('that is streamed can be read as a whole, and is then in memory', async () => {
    const response = await go('/bytes/10', { stream: true })
    await response.read()
    expect(response.text).toBe('xxxxxxxxxx')
    expect(response.content).toHaveLength(10)
  })

  test('that is small and unwanted leaves its connection reusable', async () => {
    const response = await go('/bytes/1000', { stream: true })
    response.close()
    response.close()
    await go('/echo')
    await go('/echo')
    expect(site.current.connections()).toBe(1)
  })

  test('that is large and unwanted closes its connection', async () => {
    const response = await go('/bytes/50000000', { stream: true })
    response.close()
    await go('/echo')
    expect(site.current.connections()).toBe(2)
  })

  test('that is unwanted and does not arrive closes its connection after a while', async () => {
    const response = await go('/stalled', { stream: true })
    expect(site.current.open()).toBe(1)
    response.close()
    await expect.poll(() => site.current.open(), { timeout: 10_000 }).toBe(0)
  })

  test('that is unwanted and does not arrive closes its connection when the session is closed', async () => {
    const response = await go('/stalled', { stream: true })
    response.close()
    session.current.close()
    // Less than the second that the rest of an unwanted body is waited for.
    await expect.poll(() => site.current.open(), { timeout: 700 }).toBe(0)
  })

  test('that is abandoned midway closes its connection, however its pieces are processed', async () => {
    const ways = [
      (response: Response) => response.iterContent(3, { decodeUnicode: true }),
      (response: Response) => response.iterContent(3),
      (response: Response) => response.iterLines({ delimiter: ' ' }),
    ]
    for (const way of ways) {
      for await (const _ of way(await go('/stalled', { stream: true }))) break
      await expect.poll(() => site.current.open(), { timeout: 10_000 }).toBe(0)
    }
    {
      using response = await go('/stalled', { stream: true })
      await response.iterate().next()
    }
    await expect.poll(() => site.current.open(), { timeout: 10_000 }).toBe(0)
  })

  test('that was abandoned midway is not taken for complete', async () => {
    const response = await go('/trickle', { stream: true })
    const iterator = response.iterContent(1000)
    expect(await withTimeout(30, () => iterator.next(), { timeoutValue: 'late' })).toBe('late')
    const read = await attempt(iterator.next())
    expect(read.ok).toBe(false)
  })

  test('is a range on request, or empty if it has not changed', async () => {
    const range = await go('/range', { headers: { Range: 'bytes=2-4' } })
    expect([range.statusCode, range.text]).toEqual([206, 'cde'])
    const same = await go('/tag', { headers: { 'If-None-Match': '"a"' } })
    expect([same.statusCode, same.text]).toEqual([304, ''])
  })

  test('of HEAD is empty, whatever its headers say', async () => {
    const response = await session.current.head(`${site.current.url}/coding/gzip`)
    expect(response.content).toHaveLength(0)
    expect(response.text).toBe('')
  })

  test('that is not JSON is an error with its position', async () => {
    const response = await go('/bytes/3')
    expect(() => response.json()).toThrow(JSONDecodeError)
    const wrong = await go('/json-cut')
    let error: JSONDecodeError | undefined
    try {
      wrong.json()
    } catch (caught) {
      error = caught as JSONDecodeError
    }
    expect(error).toMatchObject({ pos: 14, lineno: 2, colno: 5 })
    expect(error?.doc).toBe(wrong.text)
    expect(error?.response).toBe(wrong)
    expect(error?.message).toContain('line 2 column 5 (char 14)')
    expect(error?.message).not.toContain('first')
  })

  test('is JSON in the encoding of the header, or the one set', async () => {
    const response = await go('/json-latin-1')
    expect(response.json()).toEqual({ a: 'ë' })
    response.encoding = 'windows-1251'
    expect(response.json()).toEqual({ a: 'л' })
    response.encoding = undefined
    expect(response.json()).toEqual({ a: 'ë' })
  })

  test('is decoded from no encoding that is not text', async () => {
    const response = await go('/json-latin-1')
    for (const encoding of [7, {}, ['utf-8']] as never[]) {
      expect(() => {
        response.encoding = encoding
      }).toThrow(/^Expected `encoding` to be a string or undefined, got/)
    }
  })

  test.each([undefined, null])('is decoded from what it looks like if its encoding is set to %s', async (none) => {
    for (const stream of [false, true]) {
      const response = await go('/gbk-as-latin-1', { stream })
      if (stream) await response.read()
      expect([response.encoding, response.text]).toEqual([
        'iso-8859-1',
        Buffer.from(response.content).toString('latin1'),
      ])
      response.encoding = none as undefined
      expect([response.encoding, response.apparentEncoding]).toEqual([undefined, 'gbk'])
      expect(response.text).toContain('中文')
      expect((await response.iterLines().next()).value).toContain('中文')
    }
  })

  test('that declares no encoding has the lines of its text once read, and is UTF-8 while streamed', async () => {
    const linesOf = async (stream: boolean) => {
      const lines: string[] = []
      for await (const line of (await go('/unnamed-gbk', { stream })).iterLines()) lines.push(line)
      return lines
    }
    const text = (await go('/unnamed-gbk')).text
    expect(text).toContain('中文')
    expect(await linesOf(false)).toEqual(text.split('\n'))
    expect((await linesOf(true))[0]).toContain('\uFFFD')
  })

  test('is decoded anew when its Content-Type is corrected after it was read', async () => {
    const response = await go('/unnamed-gbk')
    expect(response.text).toContain('中文')
    expect([response.sniffEncoding, response.apparentEncoding]).toEqual(['gbk', 'gbk'])
    response.headers.set('Content-Type', 'text/html; charset=latin1')
    expect(response.text).toContain('ÖÐÎÄ')
    expect([response.sniffEncoding, response.apparentEncoding]).toEqual(['windows-1252', 'gbk'])
    response.headers.delete('Content-Type')
    expect(response.text).toContain('中文')
  })

  test('can be JSON in UTF-16', async () => {
    expect((await go('/utf-16')).json()).toEqual({ a: 'ë' })
  })
})

onEachEngine('a body that breaks off', (makeEngine) => {
  const session = useSession(makeEngine)

  test.each([
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n10\r\nbegin'],
    ['between chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n'],
    ['before its length', 'Content-Length: 100\r\n\r\nbegin'],
  ])('%s is an error', async (_name, rest) => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.end(`HTTP/1.1 200 OK\r\n${rest}`)
    })
    const whole = await attempt(session.current.get(server.url))
    expect((whole as { error: Error }).error).toBeInstanceOf(ChunkedEncodingError)
    const streamed = await session.current.get(server.url, { stream: true })
    const pieces: string[] = []
    const read = await attempt(each(streamed.iterContent(), (piece) => void pieces.push(Buffer.from(piece).toString())))
    expect(pieces.join('')).toBe('begin')
    expect((read as { error: Error }).error).toBeInstanceOf(ChunkedEncodingError)
    await server.close()
  })

  test('with the connection is complete if no length is declared', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.end('HTTP/1.1 200 OK\r\n\r\nall of it')
    })
    expect((await session.current.get(server.url)).text).toBe('all of it')
    await server.close()
  })
})

onEachEngine('a stream that nobody reads', (makeEngine) => {
  const session = useSession(makeEngine)

  test('applies backpressure to the server', async () => {
    let drained = true
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n')
      for (let sent = 0; sent < 100_000_000 && drained; sent += 1_000_000) {
        drained = connection.socket.write(Buffer.alloc(1_000_000)) || (await emptied(connection.socket))
      }
    })
    const response = await session.current.get(server.url, { stream: true })
    await expect.poll(() => drained, { timeout: 10_000 }).toBe(false)
    response.close()
    await server.close()
  })

  /** A stream of thirty million bytes whose server is paused, since nobody reads, and what the server does then. */
  const waiting = async (then: (connection: RawConnection, left: Buffer) => void) => {
    const bytes = Buffer.alloc(30_000_000, 'all of these bytes, in their order; ')
    let sent = 0
    let stuck = (): void => {}
    const isStuck = new Promise<void>((resolve) => (stuck = resolve))
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`)
      while (sent < bytes.length) {
        const piece = bytes.subarray(sent, (sent += 1_000_000))
        if (!connection.socket.write(piece) && !(await emptied(connection.socket))) break
      }
      stuck()
      then(connection, bytes.subarray(sent))
    })
    const response = await session.current.get(server.url, { stream: true })
    await isStuck
    expect(sent).toBeLessThan(bytes.length)
    return { response, bytes, server }
  }

  test.each(['whole', 'in pieces'])('is complete once it is read, %s', async (way) => {
    const { response, bytes, server } = await waiting((connection, left) => connection.write(left))
    const pieces: Uint8Array[] = []
    if (way === 'whole') pieces.push(await response.read())
    else await each(response.iterContent(), (piece) => void pieces.push(piece))
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
    await server.close()
  })

  test('is known to be incomplete if the server has broken it off in the meantime', async () => {
    const { response, server } = await waiting((connection) => connection.socket.destroy())
    const read = await attempt(each(response.iterContent(), () => undefined))
    expect((read as { error: Error }).error).toBeInstanceOf(ChunkedEncodingError)
    expect((read as { error: { response?: unknown } }).error.response).toBe(response)
    await server.close()
  })
})

onEachEngine('a stream shared by several greenlets', (makeEngine) => {
  const session = useSession(makeEngine)
  /** A server that sends a part of a body, and more of it on demand. */
  const startPart = async () => {
    let goOn = (): void => {}
    const server = await startRawServer(async (connection) => {
      await connection.request()
      goOn = () => connection.write(' the rest\n')
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\npart\n')
      await connection.closed
    })
    return { ...server, goOn: () => goOn() }
  }
  const reads: [string, (response: Response) => Operation<unknown>][] = [
    ['whole', (response) => response.read()],
    ['in pieces', (response) => each(response.iterContent(), () => undefined)],
    ['in pieces of a size', (response) => each(response.iterContent(10), () => undefined)],
    ['in lines', (response) => each(response.iterLines(), () => undefined)],
  ]

  test.each(reads)('that one of them closes ends for a greenlet that reads it %s', async (_how, read) => {
    const server = await startPart()
    const response = await session.current.get(server.url, { stream: true })
    const reader = spawn(function* () {
      return yield* attempt(read(response))
    })
    await loopTurns()
    response.close()
    const { error } = (await reader.get({ timeout: 5000 })) as { error: Error }
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toContain('was closed before its end')
    expect((error as ConnectionError).response).toBe(response)
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test('ends for a greenlet waiting for a piece if another closes the iterator', async () => {
    const server = await startPart()
    const pieces = (await session.current.get(server.url, { stream: true })).iterContent(10)
    const reader = spawn(function* () {
      return yield* attempt(pieces.next())
    })
    await loopTurns()
    pieces.close()
    expect(((await reader.get({ timeout: 5000 })) as { error: Error }).error).toBeInstanceOf(ConnectionError)
    await server.close()
  })

  test('is read by one at a time, and a concurrent read is rejected', async () => {
    const server = await startPart()
    const lines = (await session.current.get(server.url, { stream: true })).iterLines()
    expect((await lines.next()).value).toBe('part')
    const first = spawn(() => lines.next())
    await loopTurns()
    const second = await attempt(lines.next())
    expect((second as { error: Error }).error).toBeInstanceOf(ConcurrentObjectUseError)
    server.goOn()
    expect((await first.get({ timeout: 5000 })).value).toBe(' the rest')
    expect((await lines.next()).done).toBe(true)
    await server.close()
  })

  test('is read as a whole by one at a time, and then by all', async () => {
    const server = await startPart()
    const response = await session.current.get(server.url, { stream: true })
    const first = spawn(() => response.read())
    await loopTurns()
    const second = await attempt(response.read())
    expect((second as { error: Error }).error).toBeInstanceOf(ConcurrentObjectUseError)
    server.goOn()
    const bytes = await first.get({ timeout: 5000 })
    expect(String(bytes)).toBe('part\n the rest\n')
    expect(await response.read()).toBe(bytes)
    await server.close()
  })
})

/** Whether the written bytes are sent within a while. */
function emptied(socket: import('node:net').Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 300)
    socket.once('drain', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
