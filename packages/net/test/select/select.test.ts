import { spawn as spawnChild } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { LoopExit, sleep, spawn, Timeout } from '@greenlit/core'
import {
  AF_INET,
  DefaultSelector,
  EVENT_READ,
  EVENT_WRITE,
  type FileObject,
  kernelSocketpair,
  SHUT_RD,
  SHUT_WR,
  SO_ERROR,
  SO_LINGER,
  SOCK_DGRAM,
  SOL_SOCKET,
  select,
  socket,
  socketpair,
  wrap,
} from '@greenlit/net'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, listener, loopTurns, PAIRS, run, tcpPair, unusedAddress } from '../pair.ts'

guardLeaks()

describe('the arguments of select', () => {
  test('refuses an invalid list, file object or timeout', () => {
    const none = [] as const
    expect(() => select(1 as unknown as [], none, none)).toThrow(TypeError)
    expect(() => select(none, 'sockets' as unknown as [], none)).toThrow('Expected `wlist` to be a list of sockets')
    expect(() => select([{} as FileObject], none, none)).toThrow('must be a number, or have a fileno() method')
    for (const [bad, words] of [
      [null, /must be a number, or have a fileno\(\) method, got null/],
      ['x', /must be a number, or have a fileno\(\) method, got "x"/],
      [{ fileno: 5 }, /must be a number, or have a fileno\(\) method/],
      [{ fileno: () => 'x' }, /fileno\(\) to answer a number, got "x"/],
      [3.5, /to be a whole number, got 3.5/],
    ] as const) {
      expect(() => select([bad as unknown as FileObject], none, none)).toThrow(words)
      expect(() => select([bad as unknown as FileObject], none, none)).toThrow(TypeError)
    }
    expect(() => select(none, none, none, { timeout: 'soon' as unknown as number })).toThrow(TypeError)
    expect(() => select(none, none, none, 'soon' as unknown as number)).toThrow(TypeError)
    expect(() => select(none, none, none, { timeout: -1 })).toThrow(RangeError)
  })

  test('refuses closed sockets and numbers that belong to no socket', () =>
    run(function* () {
      const closed = socket()
      const number = closed.fileno()
      closed.close()
      expect(() => select([closed], [], [])).toThrow(RangeError)
      expect(() => select([], [-10], [])).toThrow(RangeError)
      expect(() => select([], [], [number])).toThrow(expect.objectContaining({ code: 'EBADF', errno: 9 }))
      expect(() => select([1], [], [])).toThrow(expect.objectContaining({ code: 'EPERM' }))
    }))

  test('takes any iterable, a number as the timeout, sockets by number and objects with fileno', () =>
    run(function* () {
      const [left, right] = socketpair()
      const view = { fileno: () => left.fileno() }
      const [, writable] = yield* select(new Set([right]), [view, left.fileno()], [], 1_000)
      expect(writable).toEqual([view, left.fileno()])
      left.close()
      right.close()
    }))
})

test('a fileno that removes objects from the list leaves the rest', () =>
  run(function* () {
    const [left, right] = socketpair()
    const asked: { fileno(): number }[] = []
    const shrinking = {
      fileno() {
        asked.pop()
        return left.fileno()
      },
    }
    for (let count = 0; count < 10; count += 1) asked.push(shrinking)
    const [, writable] = yield* select([], asked, [])
    expect(writable).toEqual(Array(5).fill(shrinking))
    left.close()
    right.close()
  }))

test('returns everything that has become ready by the time its greenlet runs', () =>
  run(function* () {
    const [[left, right], [up, down]] = [socketpair(), socketpair()]
    const selecting = spawn(() => select([left, up], [], []))
    yield* sleep(0)
    yield* right.sendall('x')
    yield* down.sendall('y')
    expect(yield* selecting).toEqual([[left, up], [], []])
    for (const each of [left, right, up, down]) yield* each.close()
  }))

describe.each(PAIRS)('select on a connected pair %s', (_name, makePair) => {
  test('finds an idle socket writable, and one whose peer has left readable too', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      expect(yield* select([left], [left], [left], { timeout: 0 })).toEqual([[], [left], []])
      right.close()
      expect(yield* select([left], [], [left], { timeout: 2_000 })).toEqual([[left], [], []])
      expect(yield* select([left], [left], [left], { timeout: 0 })).toEqual([[left], [left], []])
      left.close()
    }))

  test('returns three new lists, and returns twice what is listed twice', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      yield* right.sendall('x')
      const asked = [left, left]
      yield* select([left], [], [])
      const [readable, writable, exceptional] = yield* select(asked, asked, asked)
      expect(readable).toEqual(asked)
      expect(readable).not.toBe(asked)
      expect(writable).not.toBe(readable)
      expect(exceptional).toEqual([])
      left.close()
      right.close()
    }))

  test('wakes when bytes arrive, and leaves them to be read', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const waiting = spawn(() => select([left], [], []))
      yield* loopTurns()
      expect(waiting.ready()).toBe(false)
      yield* right.sendall('hello')
      expect(yield* waiting).toEqual([[left], [], []])
      expect(String(yield* left.recv(10))).toBe('hello')
      left.close()
      right.close()
    }))

  test('finds a full socket not writable until its peer has read', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      left.setblocking(false)
      for (;;) {
        const [, room] = yield* select([], [left], [], { timeout: 20 })
        if (room.length === 0) break
        yield* left.send(Buffer.alloc(4 * 1024 * 1024))
      }
      const writable = spawn(() => select([], [left], []))
      yield* loopTurns()
      expect(writable.ready()).toBe(false)
      const reader = spawn(function* () {
        while ((yield* right.recv(1 << 20)).length > 0) {}
      })
      expect(yield* writable).toEqual([[], [left], []])
      left.close()
      yield* reader.join()
      right.close()
    }))

  test('throws EBADF when a socket that it waits on is closed', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const waiting = spawn(() => select([left, right], [], []))
      yield* sleep(0)
      left.close()
      expect(yield* failure(waiting.get())).toMatchObject({ code: 'EBADF', errno: 9 })
      right.close()
    }))
})

describe('select', () => {
  test('sleeps if the lists are empty, and returns three empty ones', () =>
    run(function* () {
      const started = performance.now()
      expect(yield* select([], [], [], { timeout: 20 })).toEqual([[], [], []])
      const took = performance.now() - started
      expect(took).toBeGreaterThan(12)
      expect(took).toBeLessThan(2_000)
      expect(yield* select([], [], [], { timeout: 0 })).toEqual([[], [], []])
    }))

  test('finds what is pending in the kernel with a timeout of 0, even right after other input', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      yield* left.sendall('one')
      expect(yield* select([right], [], [], { timeout: 0 })).toEqual([[right], [], []])
      yield* right.recv(10)
      expect(yield* select([right], [], [], { timeout: 0 })).toEqual([[], [], []])
      const echo = spawn(function* () {
        yield* right.recv(10)
        yield* left.sendall('three')
        return yield* select([right], [], [], { timeout: 0 })
      })
      yield* left.sendall('two')
      expect(yield* echo).toEqual([[right], [], []])
      left.close()
      right.close()
    }))

  test('lets input arrive although a socket is always writable', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const idle = socketpair()
      yield* left.sendall('x')
      let rounds = 0
      for (;;) {
        const [readable] = yield* select([right], [idle[0]], [])
        if (readable.length > 0) break
        expect(++rounds).toBeLessThan(1_000)
      }
      for (const each of [left, right, ...idle]) each.close()
    }))

  test('finds a listener readable once a client connects', () =>
    run(function* () {
      const server = yield* listener()
      expect(yield* select([server], [server], [], { timeout: 0 })).toEqual([[], [], []])
      const client = socket()
      yield* client.connect(server.getsockname())
      expect((yield* select([server], [], [], { timeout: 2_000 }))[0]).toEqual([server])
      const [accepted] = yield* server.accept({ timeout: 0 })
      for (const each of [accepted, client, server]) each.close()
    }))

  test('reports the outcome of a non-blocking connect', () =>
    run(function* () {
      const server = yield* listener()
      const client = socket()
      client.setblocking(false)
      expect(yield* client.connectEx(server.getsockname())).toBe(115)
      expect(yield* client.connectEx(server.getsockname())).toBe(114)
      expect(yield* select([], [client], [], { timeout: 2_000 })).toEqual([[], [client], []])
      expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
      expect(yield* client.connectEx(server.getsockname())).toBe(0)
      expect(yield* client.connectEx(server.getsockname())).toBe(106)
      const refused = socket()
      refused.setblocking(false)
      const nowhere = yield* unusedAddress()
      expect(yield* refused.connectEx(nowhere)).toBe(115)
      expect(yield* select([refused], [refused], [])).toEqual([[refused], [refused], []])
      expect(refused.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(111)
      expect(refused.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
      for (const each of [client, refused, server]) each.close()
    }))

  test('ends on a kill, on an error thrown into it and on a Timeout', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const killed = spawn(() => select([left], [], [], { timeout: 30_000 }))
      yield* sleep(0)
      yield* killed.kill()
      expect(killed.dead).toBe(true)
      const thrown = spawn(() => select([left], [], [], { timeout: 30_000 }))
      yield* sleep(0)
      yield* thrown.kill(new Error('stop it'))
      expect(thrown.exception).toMatchObject({ message: 'stop it' })
      const limit = new Timeout(10)
      expect(yield* select([left], [], [], { timeout: limit })).toEqual([[], [], []])
      left.close()
      right.close()
    }))

  test('counts as a deadlock if it waits on in-memory pairs only', async () => {
    const [left, right] = socketpair()
    await expect(Promise.resolve(select([left], [], []))).rejects.toThrow(LoopExit)
    left.close()
    right.close()
  })

  test('reads the output of a child, line by line, to its end', () =>
    run(function* () {
      const script = 'let n = 0; const t = setInterval(() => { console.log(n); if (++n === 4) clearInterval(t) }, 20)'
      const child = spawnChild(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
      const output = wrap(child.stdout as never)
      let text = ''
      for (const timeout of [0, 5, 10, 50, undefined, 0, undefined, 100, undefined, undefined, undefined, undefined]) {
        const [readable, writable] = yield* select([output], [], [], timeout === undefined ? {} : { timeout })
        expect(writable).toEqual([])
        if (readable.length === 0) continue
        expect(readable).toEqual([output])
        const piece = yield* output.recv(100)
        if (piece.length === 0) break
        text += piece
      }
      expect(text).toMatch(/^0\n1\n2\n/)
      output.close()
    }))

  test("waits on a child's output as Node gives it", () =>
    run(function* () {
      const child = spawnChild(process.execPath, ['-e', 'console.log("hello")'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let text = ''
      while (!child.stdout.readableEnded) {
        expect(yield* select([child.stdout], [], [])).toEqual([[child.stdout], [], []])
        text += child.stdout.read() ?? ''
      }
      expect(text).toBe('hello\n')
    }))

  test("waits on Node's own streams", () =>
    run(function* () {
      const stream = new PassThrough()
      expect(yield* select([stream], [stream], [], { timeout: 0 })).toEqual([[], [stream], []])
      const waiting = spawn(() => select([stream], [], []))
      yield* sleep(0)
      stream.write('typed')
      expect(yield* waiting).toEqual([[stream], [], []])
      expect(String(stream.read())).toBe('typed')
      const atEnd = spawn(() => select([stream], [], []))
      yield* sleep(0)
      stream.end()
      expect(yield* atEnd).toEqual([[stream], [], []])
      expect(stream.read()).toBe(null)
      expect(stream.listenerCount('readable')).toBe(0)
      expect(stream.listenerCount('error')).toBe(0)
    }))
})

test('a writable socket does not hide input that has arrived, even on sockets never read from', () =>
  run(function* () {
    for (const makePair of [tcpPair, kernelSocketpair]) {
      const [left, right] = yield* makePair()
      const [other, third] = yield* makePair()
      yield* left.sendall('x')
      other.close()
      yield* loopTurns()
      expect(yield* select([right, third], [right], [], { timeout: 0 })).toEqual([[right, third], [right], []])
      using selector = new DefaultSelector()
      selector.register(right, EVENT_READ | EVENT_WRITE)
      selector.register(third, EVENT_READ)
      const ready = yield* selector.select({ timeout: 0 })
      expect(ready.map(([key, events]) => [key.fileobj, events])).toEqual([
        [right, EVENT_READ | EVENT_WRITE],
        [third, EVENT_READ],
      ])
      for (const each of [left, right, third]) each.close()
    }
  }))

test('pending connections and datagrams are reported along with a writable socket', () =>
  run(function* () {
    using server = yield* listener()
    using datagrams = socket(AF_INET, SOCK_DGRAM)
    yield* datagrams.bind(['127.0.0.1', 0])
    const writable = socket()
    yield* writable.connect(server.getsockname())
    yield* datagrams.sendto('x', datagrams.getsockname())
    yield* loopTurns()
    const [readable] = yield* select([server, datagrams], [writable], [], { timeout: 1_000 })
    expect(readable).toEqual([server, datagrams])
    writable.close()
  }))

test('all input of one event loop turn is reported in one result, as by the kernel', () =>
  run(function* () {
    const pairs = [yield* kernelSocketpair(), yield* kernelSocketpair(), yield* kernelSocketpair()]
    const readers = pairs.map(([reader]) => reader)
    using selector = new DefaultSelector()
    for (const reader of readers) selector.register(reader, EVENT_READ)
    const selecting = spawn(() => select(readers, [], []))
    const waiting = spawn(() => selector.select())
    yield* sleep(0)
    for (const [, writer] of pairs) yield* writer.send('x')
    expect(yield* selecting).toEqual([readers, [], []])
    expect((yield* waiting).map(([key]) => key.fileobj)).toEqual(readers)
    for (const each of pairs.flat()) each.close()
  }))

test('an unlimited wait continues if another greenlet has consumed what was ready', () =>
  run(function* () {
    const [left, right] = yield* kernelSocketpair()
    const [idle, sender] = yield* kernelSocketpair()
    yield* sender.sendall('x')
    yield* select([idle], [], [])
    yield* idle.recv(1)
    yield* left.sendall('x')
    yield* select([right], [], [])
    const selecting = spawn(() => select([right, idle], [], []))
    const taking = spawn(() => right.recv(1))
    yield* taking
    yield* loopTurns()
    expect(selecting.ready()).toBe(false)
    yield* sender.sendall('y')
    expect(yield* selecting).toEqual([[idle], [], []])
    for (const each of [left, right, idle, sender]) each.close()
  }))

test('a full connection whose peer has ended is writable once it is reset', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    right.shutdown(SHUT_WR)
    expect(yield* left.recv(1)).toHaveLength(0)
    left.setblocking(false)
    for (;;) {
      const [, room] = yield* select([], [left], [], { timeout: 20 })
      if (room.length === 0) break
      yield* left.send(Buffer.alloc(4 * 1024 * 1024))
    }
    const waiting = spawn(() => select([], [left], [], { timeout: 10_000 }))
    yield* sleep(0)
    right.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
    right.close()
    expect(yield* waiting).toEqual([[], [left], []])
    left.close()
  }))

test('finds input on a socket that was not yet connected when the wait began', () =>
  run(function* () {
    const server = yield* listener()
    const client = socket()
    client.setblocking(false)
    expect(yield* client.connectEx(server.getsockname())).toBe(115)
    const waiting = spawn(() => select([client], [], [], { timeout: 10_000 }))
    const [accepted] = yield* server.accept()
    yield* accepted.sendall('x')
    expect(yield* waiting).toEqual([[client], [], []])
    for (const each of [client, accepted, server]) each.close()
  }))

test('a full in-memory end counts as writable once its peer has stopped reading, although sending fails', () =>
  run(function* () {
    const [left, right] = socketpair()
    left.setblocking(false)
    using selector = new DefaultSelector()
    const key = selector.register(left, EVENT_WRITE)
    while ((yield* selector.select(0)).length > 0) yield* left.send(Buffer.alloc(1 << 20))
    const waiting = [spawn(() => select([], [left], [])), spawn(() => selector.select())]
    yield* sleep(0)
    right.shutdown(SHUT_RD)
    expect(yield* waiting[0]!).toEqual([[], [left], []])
    expect(yield* waiting[1]!).toEqual([[key, EVENT_WRITE]])
    expect(yield* failure(left.send('x'))).toMatchObject({ code: 'EPIPE' })
    for (const each of [left, right]) each.close()
  }))

test('closing a socket in the exceptional list, which is never ready, ends the wait', () =>
  run(function* () {
    const [left, right] = socketpair()
    const waiting = spawn(() => failure(select([], [], [left])))
    yield* sleep(0)
    left.close()
    expect(yield* waiting).toMatchObject({ code: 'EBADF' })
    right.close()
  }))

test('closing a listener ends the wait for its connections', () =>
  run(function* () {
    const server = yield* listener()
    const waiting = spawn(() => failure(select([server], [], [])))
    yield* sleep(0)
    server.close()
    expect(yield* waiting).toMatchObject({ code: 'EBADF' })
  }))
