import { LoopExit, sleep, spawn } from '@greenlit/core'
import {
  AF_INET,
  AF_UNIX,
  kernelSocketpair,
  SHUT_RD,
  SO_LINGER,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  type Socket,
  select,
  socket,
  socketpair,
} from '@greenlit/net'
import { Pipe, SerializationError } from '@greenlit/process'
import { expect, test, vi } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, loopTurns, run } from '../pair.ts'

guardLeaks()

test('a pair consists of nameless unix stream sockets', () => {
  const [left, right] = socketpair()
  expect([left.family, left.type]).toEqual([AF_UNIX, SOCK_STREAM])
  for (const name of [left.getsockname(), left.getpeername(), right.getsockname(), right.getpeername()]) {
    expect(name).toBe('')
  }
  expect(left.fileno()).not.toBe(right.fileno())
  left.close()
  right.close()
})

test('a deadlock on a memory pair is detected', async () => {
  const [left, right] = socketpair()
  await expect(Promise.resolve(left.recv(1))).rejects.toThrow(LoopExit)
  left.close()
  right.close()
})

test('one recv returns what several sends have sent, as far as it fits', () =>
  run(function* () {
    const [left, right] = socketpair()
    for (const piece of ['a', 'bc', 'def']) yield* left.send(piece)
    expect(String(yield* right.recv(4))).toBe('abcd')
    expect(String(yield* right.recv(100))).toBe('ef')
    left.close()
    right.close()
  }))

test('sending to a peer that closed with unread bytes fails with EPIPE, and receiving with ECONNRESET', () =>
  run(function* () {
    const [left, right] = socketpair()
    yield* left.send('unread')
    right.close()
    for (let attempts = 0; attempts < 2; attempts += 1)
      expect(yield* failure(left.send('x'))).toMatchObject({ code: 'EPIPE' })
    expect(yield* failure(left.recv(1))).toMatchObject({ code: 'ECONNRESET' })
    expect((yield* left.recv(1)).length).toBe(0)
    left.close()
  }))

test('a non-blocking sendall is not refused after select has reported the socket writable', () =>
  run(function* () {
    const [left, right] = socketpair()
    left.setblocking(false)
    yield* left.send(Buffer.alloc(300 * 1024))
    expect(yield* select([], [left], [], { timeout: 0 })).toEqual([[], [], []])
    expect(yield* failure(left.sendall('x'))).toMatchObject({ code: 'EAGAIN' })
    yield* right.recvExact(90 * 1024)
    expect(yield* select([], [left], [], { timeout: 0 })).toEqual([[], [left], []])
    yield* left.sendall('x')
    expect((yield* right.recvExact(210 * 1024 + 1)).at(-1)).toBe('x'.charCodeAt(0))
    left.close()
    right.close()
  }))

test('a memory pair blocks a sender that is far ahead', () =>
  run(function* () {
    const [left, right] = socketpair()
    const sending = spawn(() => left.sendall(Buffer.alloc(1024 * 1024)))
    yield* loopTurns()
    expect(sending.ready()).toBe(false)
    expect((yield* right.recvExact(1024 * 1024)).length).toBe(1024 * 1024)
    yield* sending
    left.close()
    right.close()
  }))

test('a waiting sender and a waiting reader learn that the peer has closed, also with unread bytes', () =>
  run(function* () {
    const [left, right] = socketpair()
    const sender = spawn(() => failure(left.sendall(Buffer.alloc(1024 * 1024))))
    const reader = spawn(() => failure(left.recv(1)))
    yield* sleep(0)
    right.close()
    expect(yield* sender).toMatchObject({ code: 'EPIPE' })
    expect(yield* reader).toMatchObject({ code: 'ECONNRESET' })
    left.close()
  }))

test('a closed end receives nothing more; what it sent before still arrives', () =>
  run(function* () {
    const [left, right] = socketpair()
    const sender = spawn(() => left.sendall(Buffer.alloc(1024 * 1024)))
    yield* sleep(0)
    left.close()
    expect(yield* failure(right.send('x'))).toMatchObject({ code: 'EPIPE' })
    yield* sender.join()
    expect((yield* right.recvExact(200 * 1024)).length).toBe(200 * 1024)
    right.close()
  }))

test('an end shut down for reading cannot be sent to, and can still send', () =>
  run(function* () {
    const [left, right] = socketpair()
    const sender = spawn(() => failure(left.sendall(Buffer.alloc(1_000_000))))
    const reader = spawn(() => left.recv(4))
    yield* sleep(0)
    right.shutdown(SHUT_RD)
    expect(yield* sender).toMatchObject({ code: 'EPIPE' })
    expect(yield* failure(left.send('x'))).toMatchObject({ code: 'EPIPE' })
    yield* right.sendall('back')
    expect(String(yield* reader)).toBe('back')
    left.close()
    right.close()
  }))

test('a memory pair is not sent to another process as plain objects', () =>
  run(function* () {
    const [left, right] = socketpair()
    const [mine, its] = Pipe()
    const refused = yield* failure(mine.send({ socket: left }))
    expect(refused).toBeInstanceOf(SerializationError)
    expect(refused.message).toContain('a socket stays in its process')
    for (const end of [left, right, mine, its]) end.close()
  }))

test('SO_LINGER does not affect closing a memory pair, as with unix sockets', () =>
  run(function* () {
    const [left, right] = socketpair()
    left.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
    yield* left.sendall('last words')
    left.close()
    expect(String(yield* right.recv(100))).toBe('last words')
    expect((yield* right.recv(100)).length).toBe(0)
    expect(yield* failure(right.send('x'))).toMatchObject({ code: 'EPIPE' })
    right.close()
  }))

test('pairs that Node does not support are rejected', () => {
  expect(() => socketpair(AF_INET)).toThrow(expect.objectContaining({ code: 'EOPNOTSUPP' }))
  expect(() => socketpair(AF_UNIX, SOCK_DGRAM)).toThrow(expect.objectContaining({ code: 'EPROTONOSUPPORT' }))
  expect(() => socketpair(AF_UNIX, SOCK_STREAM, 6)).toThrow(expect.objectContaining({ code: 'EPROTONOSUPPORT' }))
})

test('takes a protocol, and SOCK_NONBLOCK for both ends', () => {
  for (const end of socketpair(AF_UNIX, SOCK_STREAM, 0)) {
    expect(end.gettimeout()).toBeUndefined()
    end.close()
  }
  for (const end of socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK)) {
    expect(end.getblocking()).toBe(false)
    end.close()
  }
})

test('a kernel pair may consist of internet sockets', () =>
  run(function* () {
    for (const family of [AF_UNIX, AF_INET]) {
      const [left, right] = yield* kernelSocketpair(family)
      yield* left.sendall('x')
      expect(String(yield* right.recv(1))).toBe('x')
      left.close()
      right.close()
    }
  }))

test('a kernel pair consists of its own two ends, even if another client connects first', () =>
  run(function* () {
    const stranger = socket()
    const connect = vi.spyOn(Object.getPrototypeOf(stranger) as Socket, 'connect')
    connect.mockImplementationOnce(function (this: Socket, address) {
      const second = () => this.connect(address)
      return spawn(function* () {
        yield* stranger.connect(address)
        return yield* second()
      }).get()
    })
    const [left, right] = yield* kernelSocketpair(AF_INET)
    connect.mockRestore()
    expect(right.getpeername()).toEqual(left.getsockname())
    expect(yield* stranger.recv(1)).toHaveLength(0)
    for (const each of [left, right, stranger]) each.close()
  }))
