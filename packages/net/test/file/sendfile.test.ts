import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import * as fsPromises from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Coroutine, green, sleep, spawn, until } from '@greenlit/core'
import { AF_INET, SOCK_DGRAM, type Socket, socket, TimeoutError } from '@greenlit/net'
import { afterAll, describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, PAIRS, run, tcpPair } from '../pair.ts'

guardLeaks()

const folder = mkdtempSync(join(tmpdir(), 'greenlit-sendfile-'))
const path = join(folder, 'data')
const DATA = randomBytes(10 * 1024 * 1024)
writeFileSync(path, DATA)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function* readAll(socket: Socket): Coroutine<Buffer> {
  const pieces: Buffer[] = []
  for (let piece = yield* socket.recv(65_536); piece.length > 0; piece = yield* socket.recv(65_536)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Returns the targets of the file descriptors of this process. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').map((number) => {
    try {
      return readlinkSync(`/proc/self/fd/${number}`)
    } catch {
      // The descriptor used to list them.
      return ''
    }
  })
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe.each(PAIRS)('sendfile %s', (_name, makePair) => {
  test('sends a whole file and returns its size', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const reading = spawn(readAll, right)
      expect(yield* left.sendfile(path)).toBe(DATA.length)
      left.close()
      expect(hash(yield* reading)).toBe(hash(DATA))
      right.close()
    }))
})

describe('sendfile', () => {
  test('sends the requested part', () =>
    run(function* () {
      const cases = [
        [{ offset: 5_000 }, DATA.subarray(5_000)],
        [{ count: 5_000_007 }, DATA.subarray(0, 5_000_007)],
        [{ offset: 100, count: 10 }, DATA.subarray(100, 110)],
        [{ offset: DATA.length + 1 }, Buffer.alloc(0)],
        [{ offset: DATA.length - 5, count: 100 }, DATA.subarray(-5)],
      ] as const
      for (const [part, expected] of cases) {
        const [left, right] = yield* tcpPair()
        const reading = spawn(readAll, right)
        expect(yield* left.sendfile(pathToFileURL(path), part)).toBe(expected.length)
        left.close()
        expect(hash(yield* reading)).toBe(hash(expected))
        right.close()
      }
    }))

  test('continues at the position of an open file, and leaves it open', () =>
    run(function* () {
      const handle = yield* until(open(path))
      const [left, right] = yield* tcpPair()
      const reading = spawn(readAll, right)
      yield* until(handle.read(Buffer.alloc(10), 0, 10, null))
      expect(yield* left.sendfile(handle, undefined, 90)).toBe(90)
      expect(yield* left.sendfile(handle)).toBe(DATA.length - 100)
      expect((yield* until(handle.read(Buffer.alloc(1), 0, 1, null))).bytesRead).toBe(0)
      expect(yield* left.sendfile(handle, 0, 3)).toBe(3)
      left.close()
      expect(hash(yield* reading)).toBe(hash(Buffer.concat([DATA.subarray(10), DATA.subarray(0, 3)])))
      right.close()
      yield* until(handle.close())
      const descriptor = openSync(path, 'r')
      const [client, server] = yield* tcpPair()
      expect(yield* client.sendfile(descriptor, 0, 5)).toBe(5)
      expect(yield* server.recvExact(5)).toEqual(DATA.subarray(0, 5))
      closeSync(descriptor)
      client.close()
      server.close()
    }))

  test('accepts a file opened through a green view', () =>
    run(function* () {
      const fs = green(fsPromises)
      const [left, right] = yield* tcpPair()
      const file = yield* fs.open(path)
      expect(yield* left.sendfile(file, { count: 100 })).toBe(100)
      expect(yield* right.recvExact(100)).toEqual(DATA.subarray(0, 100))
      yield* file.close()
      left.close()
      right.close()
    }))

  test('rejects bad arguments immediately', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const file = right.makefile('r')
      using datagrams = socket(AF_INET, SOCK_DGRAM)
      expect(() => datagrams.sendfile(path)).toThrow('only SOCK_STREAM type sockets are supported')
      expect(() => left.sendfile(file as never)).toThrow('file should be opened in binary mode')
      for (const encoding of [undefined, 'utf8'] as const) {
        const stream = createReadStream(path, encoding)
        const message = encoding === undefined ? 'Expected `file` to be' : 'file should be opened in binary mode'
        expect(() => left.sendfile(stream as never)).toThrow(message)
        stream.destroy()
      }
      expect(() => left.sendfile({} as never)).toThrow(TypeError)
      expect(() => left.sendfile(-1)).toThrow(TypeError)
      for (const count of ['2', 0.1]) expect(() => left.sendfile(path, 0, count as number)).toThrow(TypeError)
      for (const count of [0, -1])
        expect(() => left.sendfile(path, { count })).toThrow('count must be a positive integer')
      expect(() => left.sendfile(path, -1)).toThrow(RangeError)
      expect(() => left.sendfile(path, 0.5)).toThrow(TypeError)
      left.setblocking(false)
      expect(yield* failure(left.sendfile(path))).toMatchObject({ message: 'non-blocking sockets are not supported' })
      file.close()
      left.close()
      right.close()
    }))

  test('reports files that cannot be read', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      expect(yield* failure(left.sendfile(join(folder, 'missing')))).toMatchObject({ code: 'ENOENT', errno: 2 })
      expect(yield* failure(left.sendfile(folder))).toMatchObject({ code: 'EISDIR', errno: 21 })
      expect(yield* failure(left.sendfile(1_000_000))).toMatchObject({ code: 'EBADF', errno: 9 })
      left.close()
      right.close()
    }))

  test('takes a timeout of its own for the whole call', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      expect(yield* failure(left.sendfile(path, { timeout: 20 }))).toEqual(new TimeoutError('timed out'))
      expect(() => left.sendfile(path, { timeout: -1 })).toThrow(RangeError)
      expect(() => left.sendfile(path, { timeout: 0 })).toThrow('non-blocking sockets are not supported')
      while (openFiles().includes(path)) yield* sleep(1)
      left.close()
      right.close()
    }))

  test('is subject to the timeout of the socket and to kills', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      left.settimeout(30)
      expect(yield* failure(left.sendfile(path))).toBeInstanceOf(TimeoutError)
      left.close()
      right.close()
      const [client, server] = yield* tcpPair()
      const sending = spawn(() => client.sendfile(path))
      yield* server.recv(1)
      yield* sending.kill()
      client.close()
      server.close()
    }))

  test.runIf(existsSync('/proc/self/fd'))('closes the file it has opened, also when it is killed', () =>
    run(function* () {
      const own = join(folder, 'own')
      writeFileSync(own, DATA)
      const [left, right] = yield* tcpPair()
      expect(yield* left.sendfile(own, 0, 10)).toBe(10)
      const opening = spawn(() => left.sendfile(own))
      yield* sleep(0)
      yield* opening.kill()
      const sending = spawn(() => left.sendfile(own))
      yield* right.recvExact(100)
      yield* sending.kill()
      while (openFiles().includes(own)) yield* sleep(1)
      left.close()
      right.close()
    }),
  )
})
