import { attempt, sleep, spawn } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { NativeEngine } from '../../src/native/native-engine.ts'
import { Request } from '../../src/request/request.ts'
import { guardLeaks } from '../support/guard.ts'
import { startRawServer } from '../support/raw-server.ts'
import { useSession } from '../support/session.ts'

guardLeaks()

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** A server that responds once everything expected has been received. */
function startExpecting(last: string) {
  const bodies: string[] = []
  return startRawServer(async (connection) => {
    await connection.request()
    while (!connection.received().endsWith(last)) await sleep(1)
    const received = connection.received()
    bodies.push(received.slice(received.indexOf('\r\n\r\n') + 4))
    connection.write(OK)
  }).then((server) => ({ ...server, bodies }))
}

describe('the body of a request', () => {
  const session = useSession(() => new NativeEngine(), { timeout: 5000 })

  test.each([0, 1, 16 * 1024, 16 * 1024 + 1, 1_000_000])('of %d bytes follows its head', async (size) => {
    const body = `${'x'.repeat(size)}`
    const server = await startExpecting(`Content-Length: ${size}\r\nConnection: keep-alive\r\n\r\n${body}`)
    expect((await session.current.post(server.url, { data: Buffer.from(body) })).text).toBe('ok')
    session.current.close()
    await server.close()
  })

  test('is chunked if its length is unknown, without empty chunks', async () => {
    const server = await startExpecting('0\r\n\r\n')
    const pieces = new Set(['one', new Uint8Array(0), 'x'.repeat(16)])
    expect((await session.current.post(server.url, { data: pieces })).text).toBe('ok')
    expect(server.bodies).toEqual([`3\r\none\r\n10\r\n${'x'.repeat(16)}\r\n0\r\n\r\n`])
    session.current.close()
    await server.close()
  })

  test.each(['', 'body', 'x'.repeat(100_000)])('is chunked if the headers say so: %j', async (data) => {
    const server = await startExpecting('0\r\n\r\n')
    const request = session.current.prepareRequest(new Request('POST', server.url, { data: Buffer.from(data) }))
    request.headers.delete('Content-Length')
    request.headers.set('Transfer-Encoding', 'chunked')
    expect((await session.current.send(request)).text).toBe('ok')
    const chunk = data === '' ? '' : `${data.length.toString(16)}\r\n${data}\r\n`
    expect(server.bodies).toEqual([`${chunk}0\r\n\r\n`])
    session.current.close()
    await server.close()
  })

  test('that is available immediately lets other greenlets run', async () => {
    const server = await startRawServer(({ socket }) => void socket.removeAllListeners('data').resume())
    let made = 0
    function* endless() {
      for (;;) {
        made += 1
        yield 'x'
      }
    }
    const greenlet = spawn(() => session.current.post(server.url, { data: endless() }))
    for (let turns = 0; turns < 50; turns += 1) await sleep(1)
    expect(made).toBeLessThan(100_000)
    await greenlet.kill()
    await server.close()
  })

  test('that is answered early closes its connection', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write(OK)
      await connection.closed
    })
    function* endless() {
      for (;;) {
        yield 'x'
      }
    }
    const response = await session.current.post(server.url, { data: endless() })
    expect(response.text).toBe('ok')
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test('that the server interrupts is an error', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.socket.destroy()
    })
    async function* endless() {
      for (;;) {
        await sleep(1)
        yield 'x'.repeat(10_000)
      }
    }
    const result = await attempt(session.current.post(server.url, { data: endless() }))
    expect((result as { error: Error }).error).toMatchObject({ name: 'ConnectionError' })
    await server.close()
  })

  test('waits for a server that does not read it', async () => {
    let made = 0
    const server = await startRawServer(({ socket }) => void socket.removeAllListeners('data').pause())
    async function* endless() {
      for (;;) {
        made += 1
        yield Buffer.alloc(100_000)
      }
    }
    const result = await attempt(session.current.post(server.url, { data: endless(), timeout: 500 }))
    expect((result as { error: Error }).error).toMatchObject({ name: 'ReadTimeout' })
    expect(made).toBeLessThan(500)
    await server.close()
  })
})
