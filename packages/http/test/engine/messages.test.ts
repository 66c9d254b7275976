import { attempt, Event, sleep } from '@greenlit/core'
import { expect, test } from 'vitest'
import { ResponseTooLarge } from '../../src/errors/response-too-large.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { startRawServer } from '../support/raw-server.ts'
import { useSession } from '../support/session.ts'

guardLeaks()

/** A server that sends the same bytes in response to each request, and then closes the connection. */
const startSaying = (answer: string | Uint8Array) =>
  startRawServer(async (connection) => {
    await connection.request()
    connection.end(answer)
  })

onEachEngine('a response', (makeEngine) => {
  const session = useSession(makeEngine, { timeout: 5000 })

  test.each([
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 200\r\n\r\n', 304],
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 200\r\nContent-Encoding: gzip\r\n\r\n', 304],
    ['HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok', 204],
    ['HTTP/1.1 204 No Content\r\nContent-Length: 200\r\n\r\n', 204],
  ])('without a body may declare the length of one: %j', async (answer, status) => {
    const server = await startSaying(answer)
    const response = await session.current.get(server.url, { maxSize: 100 })
    expect([response.statusCode, response.text]).toEqual([status, ''])
    await server.close()
  })

  test('to HEAD may declare any length', async () => {
    const server = await startSaying('HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n')
    const response = await session.current.head(server.url, { maxSize: 100 })
    expect([response.statusCode, response.headers.get('content-length'), response.text]).toEqual([200, '200', ''])
    await server.close()
  })

  test('that declares too large a length is rejected before its body is received', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n')
    })
    const result = await attempt(session.current.get(server.url, { maxSize: 100, stream: true }))
    expect((result as { error: Error }).error).toBeInstanceOf(ResponseTooLarge)
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test('keeps all of its headers, however many', async () => {
    const headers = Array.from({ length: 2500 }, (_, index) => `X-${index}: ${index}\r\n`).join('')
    const server = await startSaying(`HTTP/1.1 200 OK\r\n${headers}Content-Length: 2\r\n\r\nok`)
    const response = await session.current.get(server.url)
    expect([response.headers.size, response.headers.get('x-2499'), response.text]).toEqual([2501, '2499', 'ok'])
    await server.close()
  })

  test('has header values without the white space around them', async () => {
    const server = await startSaying('HTTP/1.1 200 OK\r\nFoo: \t a b \t \r\nBar:  \r\nContent-Length: 2 \r\n\r\nok')
    const { headers, text } = await session.current.get(server.url)
    expect([headers.get('foo'), headers.get('bar'), text]).toEqual(['a b', '', 'ok'])
    await server.close()
  })

  test('may have a reason phrase in UTF-8', async () => {
    const server = await startSaying(Buffer.from('HTTP/1.1 404 Sivua ei löydy\r\nContent-Length: 0\r\n\r\n'))
    const response = await session.current.get(server.url)
    expect(response.reason).toBe('Sivua ei löydy')
    expect(() => response.raiseForStatus()).toThrow('404 Client Error: Sivua ei löydy for url')
    await server.close()
  })

  test('may have a reason phrase in Latin-1', async () => {
    const server = await startSaying(Buffer.from('HTTP/1.1 404 Sivua ei löydy\r\nContent-Length: 0\r\n\r\n', 'latin1'))
    expect((await session.current.get(server.url)).reason).toBe('Sivua ei löydy')
    await server.close()
  })

  test('with a status below 100 is rejected', async () => {
    const server = await startSaying('HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nok')
    await expect(session.current.get(server.url)).rejects.toMatchObject({ name: 'ConnectionError' })
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test('may follow unrequested interim responses, however they are split', async () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
    const final = '\r\nHTTP/1.1 200  Très bien \r\nContent-Length: 2\r\n\r\nok'
    const ofFinal = [1, 2, 3, 11, 14, 15, 17, 19, 22, 25, 26, 27].map((cut) => 2 * interim.length + cut)
    const cuts = [0, 1, 9, 10, 11, 12, 20, 25, 26, 40, interim.length, interim.length + 9, ...ofFinal]
    let asked = 0
    const server = await startRawServer(async (connection) => {
      for (;;) {
        await connection.request()
        const text = interim + interim + final
        const cut = cuts[asked]!
        asked += 1
        connection.write(text.slice(0, cut))
        await sleep(5)
        connection.write(text.slice(cut))
      }
    })
    for (const _ of cuts) {
      const { text, reason } = await session.current.post(server.url, { data: 'x' })
      expect([text, reason]).toEqual(['ok', ' Très bien '])
    }
    expect(server.connections()).toBe(1)
    session.current.close()
    await server.close()
  })

  test.each([
    'HTTP/1.1 103 Early\nHints\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink\r\n\r\n',
    'HTTP/1.1 1x3 Hints\r\n\r\n',
  ])('is rejected after %j', async (interim) => {
    const server = await startSaying(`${interim}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`)
    await expect(session.current.get(server.url)).rejects.toMatchObject({ name: 'ConnectionError' })
    await server.close()
  })

  test('is rejected immediately if it does not begin like one', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('SSH-2.0-OpenSSH_9.6')
    })
    await expect(session.current.get(server.url, { timeout: 10_000 })).rejects.toMatchObject({
      name: 'ConnectionError',
    })
    await server.close()
  })

  test('without a length is not complete if the connection is reset', async () => {
    const received = new Event()
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\n\r\nhalf')
      // The client must have received the head, as a reset discards what it has not read.
      await received.wait()
      connection.socket.resetAndDestroy()
    })
    const response = await session.current.get(server.url, { stream: true })
    received.set()
    expect(await attempt(response.load())).toMatchObject({ ok: false, error: { name: 'ChunkedEncodingError' } })
    await server.close()
  })

  test('is rejected if its status line does not end', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 ')
      for (let count = 0; count < 20 && connection.socket.writable; count += 1) connection.write('x'.repeat(10_000))
    })
    await expect(session.current.get(server.url)).rejects.toMatchObject({
      name: 'ConnectionError',
      message: expect.stringContaining('larger than 64 KiB'),
    })
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test.each(['Upgrade: x\r\nConnection: Upgrade\r\n', ''])(
    'that switches the protocol is rejected: %j',
    async (headers) => {
      const server = await startRawServer(async (connection) => {
        await connection.request()
        connection.write(`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n`)
      })
      await expect(session.current.get(server.url)).rejects.toMatchObject({
        name: 'ConnectionError',
        message: expect.stringContaining('went over to another protocol'),
      })
      await expect.poll(() => server.open()).toBe(0)
      await server.close()
    },
  )
})
