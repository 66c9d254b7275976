import { joinall, sleep, spawn } from '@greenlit/core'
import { describe, expect, test, vi } from 'vitest'
import { NativeEngine } from '../../src/native/native-engine.ts'
import { nativeEngine } from '../../src/native.ts'
import { Session } from '../../src/session/session.ts'
import { guardLeaks } from '../support/guard.ts'
import { loopTurns } from '../support/loop-turns.ts'
import { type RawConnection, startRawServer } from '../support/raw-server.ts'
import { useSession } from '../support/session.ts'

guardLeaks()

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

async function answerAll(connection: RawConnection): Promise<void> {
  for (;;) {
    await connection.request()
    connection.write(OK)
  }
}

describe('an idle connection', () => {
  test('is closed after a time, and replaced', async () => {
    const session = new Session({ engine: nativeEngine({ keepAliveTimeout: 50 }), trustEnv: false })
    const server = await startRawServer(answerAll)
    await session.get(server.url)
    expect(server.open()).toBe(1)
    await expect.poll(() => server.open()).toBe(0)
    await session.get(server.url)
    expect(server.connections()).toBe(2)
    session.close()
    await server.close()
  })

  test('is forgotten once the server has closed it, and no timer is left', async () => {
    const session = new Session({ engine: nativeEngine({ keepAliveTimeout: 20 }), trustEnv: false })
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write(OK)
      await sleep(5)
      connection.end()
    })
    await session.get(server.url)
    await expect.poll(() => server.open()).toBe(0)
    await sleep(40)
    const timers = vi.spyOn(globalThis, 'setTimeout')
    await sleep(20)
    // `sleep` sets timers itself.
    expect(timers.mock.calls.length).toBeLessThan(4)
    timers.mockRestore()
    await server.close()
  })

  test('that is reused is kept for the full time again', async () => {
    const session = new Session({ engine: nativeEngine({ keepAliveTimeout: 1000 }), trustEnv: false })
    const server = await startRawServer(answerAll)
    for (let times = 0; times < 5; times += 1) {
      await session.get(server.url)
      await sleep(300)
    }
    expect(server.connections()).toBe(1)
    await expect.poll(() => server.open(), { timeout: 5000 }).toBe(0)
    await server.close()
  })

  test.each([0, -1, Number.NaN, Infinity, '1'])('cannot be kept for %s milliseconds', (time) => {
    expect(() => nativeEngine({ keepAliveTimeout: time as number })).toThrow(RangeError)
  })

  test('is closed with its engine, which remains usable', async () => {
    const engine = new NativeEngine()
    const session = new Session({ engine, trustEnv: false })
    const server = await startRawServer(answerAll)
    await session.get(server.url)
    engine.close()
    await expect.poll(() => server.open()).toBe(0)
    await session.get(server.url)
    expect(server.open()).toBe(1)
    session.close()
    await server.close()
  })
})

describe('connections', () => {
  const session = useSession(() => new NativeEngine())

  test('are used by many requests at a time, each getting its own response', async () => {
    const server = await startRawServer(async (connection) => {
      for (;;) {
        const [, target] = (await connection.request()).split(' ')
        const half = Math.floor(target!.length / 2)
        connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target!.length}\r\n\r\n${target!.slice(0, half)}`)
        await sleep(1)
        connection.write(target!.slice(half))
      }
    })
    const greenlets = Array.from({ length: 30 }, (_, client) =>
      spawn(function* () {
        for (let times = 0; times < 20; times += 1) {
          const target = `/${client}/${times}`
          expect((yield* session.current.get(server.url + target)).text).toBe(target)
        }
      }),
    )
    await joinall(greenlets, { raiseError: true })
    expect(server.connections()).toBeLessThanOrEqual(30)
    session.current.close()
    await server.close()
  })

  test('survive a body that ends beyond the buffer limit', async () => {
    const size = 150_000
    const server = await startRawServer(async (connection) => {
      for (;;) {
        await connection.request()
        connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`)
      }
    })
    for (let times = 0; times < 5; times += 1) {
      const response = await session.current.get(server.url, { stream: true })
      await loopTurns(20)
      expect((await response.read()).length).toBe(size)
    }
    expect(server.connections()).toBe(1)
    session.current.close()
    await server.close()
  })

  test('are closed by a kill at any point, and only then', async () => {
    const parts = ['HTTP/1.1 200', ' OK\r\nTransfer-Enc', 'oding: chunked\r\n\r\n4', '\r\nab', 'cd\r\n0', '\r\n\r\n']
    for (let sent = 0; sent <= parts.length; sent += 1) {
      const server = await startRawServer(async (connection) => {
        await connection.request()
        for (const part of parts.slice(0, sent)) {
          connection.write(part)
          await sleep(2)
        }
      })
      const greenlet = spawn(() => session.current.get(server.url))
      await expect.poll(() => server.open()).toBe(1)
      if (sent < parts.length) {
        await sleep(2 * sent + 10)
        await greenlet.kill()
        await expect.poll(() => server.open()).toBe(0)
      } else {
        expect((await greenlet).text).toBe('abcd')
      }
      session.current.close()
      await expect.poll(() => server.open()).toBe(0)
      await server.close()
    }
  })
})
