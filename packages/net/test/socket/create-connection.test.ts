import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AF_UNIX, createConnection, StreamServer } from '@greenlit/net'
import { afterAll, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, run } from '../pair.ts'

guardLeaks()

const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([[['127.0.0.1', 0] as const], [join(folder, 'server.sock')]])(
  'the address of a server that listens on %j can be connected to',
  (listener) =>
    run(function* () {
      using server = new StreamServer(listener, (socket) => socket.sendall('hello'))
      yield* server.start()
      using client = yield* createConnection(server.address, { timeout: 5_000 })
      expect(client.gettimeout()).toBe(5_000)
      expect(String(yield* client.recvExact(5))).toBe('hello')
      expect(client.family === AF_UNIX).toBe(typeof listener === 'string')
    }),
)

test('a path without a server is refused as any other address is', () =>
  run(function* () {
    expect(yield* failure(createConnection(join(folder, 'missing.sock')))).toMatchObject({ code: 'ENOENT' })
    expect(() => createConnection('localhost:80')).toThrow(TypeError)
    expect(() => createConnection(['127.0.0.1'] as never)).toThrow(TypeError)
    expect(() => createConnection(`/${'x'.repeat(200)}`)).toThrow('too long')
  }))
