import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep, spawn } from '@greenlit/core'
import {
  AF_UNIX,
  createConnection,
  gethostbyname,
  type InetAddress,
  OSError,
  StreamServer,
  setResolver,
  socket,
} from '@greenlit/net'
import { afterAll, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, listener, run, unusedAddress } from '../pair.ts'

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

test('a path without a server fails like any other address', () =>
  run(function* () {
    expect(yield* failure(createConnection(join(folder, 'missing.sock')))).toMatchObject({ code: 'ENOENT' })
    expect(() => createConnection('localhost:80')).toThrow(TypeError)
    expect(() => createConnection(['127.0.0.1'] as never)).toThrow(TypeError)
    expect(() => createConnection(`/${'x'.repeat(200)}`)).toThrow('too long')
  }))

test('an empty result from a resolver counts as an unknown name', () =>
  run(function* () {
    const previous = setResolver({
      *resolve() {
        return []
      },
    })
    const plain = socket()
    try {
      for (const operation of [
        createConnection(['nowhere', 80]),
        createConnection(['nowhere', 80], { allErrors: true }),
        plain.connect(['nowhere', 80]),
        plain.bind(['nowhere', 80]),
        gethostbyname('nowhere'),
      ])
        expect(yield* failure(operation)).toMatchObject({ code: 'EAI_NONAME' })
    } finally {
      setResolver(previous)
      plain.close()
    }
  }))

test('all addresses are tried in turn, and allErrors reports the error of each', () =>
  run(function* () {
    const refused = yield* unusedAddress()
    const previous = setResolver({
      *resolve() {
        return [
          { address: '127.0.0.2', family: 4 },
          { address: '::1', family: 6 },
          { address: '127.0.0.1', family: 4 },
        ]
      },
    })
    try {
      const failed = yield* failure<AggregateError>(
        createConnection(['many', refused[1] as number], { allErrors: true }),
      )
      expect(failed).toBeInstanceOf(AggregateError)
      expect(failed.errors).toHaveLength(3)
      for (const error of failed.errors) expect(error).toBeInstanceOf(OSError)
      using server = yield* listener()
      const [, port] = server.getsockname() as InetAddress
      using client = yield* createConnection(['many', port])
      expect(client.getpeername()).toEqual(['127.0.0.1', port])
    } finally {
      setResolver(previous)
    }
  }))

test('an error that is thrown into a greenlet while it connects ends the call: no further address is tried', () =>
  run(function* () {
    using server = yield* listener()
    const [address, port] = server.getsockname() as InetAddress
    const previous = setResolver({
      *resolve() {
        return [
          { address, family: 4 },
          { address, family: 4 },
        ]
      },
    })
    try {
      const connecting = spawn(() => failure(createConnection(['twice', port])))
      yield* sleep(0)
      const stop = new RangeError('stop')
      yield* connecting.kill(stop)
      expect(connecting.value).toBe(stop)
    } finally {
      setResolver(previous)
    }
  }))

test('the error for a host without a port shows the form of an address', () => {
  const expected = 'createConnection(): expected `address` to be [host, port] or a path with a \'/\', got "localhost"'
  expect(() => createConnection('localhost', 80 as never)).toThrow(new TypeError(expected))
})
