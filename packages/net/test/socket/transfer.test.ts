import {
  attempt,
  ConcurrentObjectUseError,
  GreenletExit,
  type Operation,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from '@greenlit/core'
import {
  BlockingIOError,
  ConnectionResetError,
  errno,
  IncompleteReadError,
  kernelSocketpair,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  MSG_WAITALL,
  OSError,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_ERROR,
  SO_LINGER,
  SO_REUSEADDR,
  SOL_SOCKET,
  type Socket,
  select,
  socket,
  socketpair,
  TimeoutError,
} from '@greenlit/net'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, listener, loopTurns, PAIRS, run, tcpPair } from '../pair.ts'

const MESSAGE = 'Michael Gilfix was here\u1234\r\n'
const BYTES = Buffer.from(MESSAGE)

guardLeaks()

describe.each(PAIRS)('a connected pair %s', (name, makePair) => {
  test('carries a message, whole or in two parts', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      yield* left.sendall(BYTES)
      expect(yield* right.recv(1024)).toEqual(BYTES)
      yield* left.sendall(MESSAGE)
      const first = yield* right.recv(BYTES.length - 3)
      expect(first.length).toBe(BYTES.length - 3)
      expect(Buffer.concat([first, yield* right.recv(1024)])).toEqual(BYTES)
      left.close()
      right.close()
    }))

  test('carries everything up to the end of sending, and returns counts', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      expect(yield* left.sendall(Buffer.alloc(2048, 'f'))).toBe(undefined)
      expect(yield* left.send('')).toBe(0)
      expect(yield* left.send('four')).toBe(4)
      expect(yield* left.shutdown(SHUT_WR)).toBe(undefined)
      let size = 0
      for (let piece = yield* right.recv(1024); piece.length > 0; piece = yield* right.recv(1024)) size += piece.length
      expect(size).toBe(2052)
      yield* right.sendall('late')
      expect(String(yield* left.recv(10))).toBe('late')
      left.close()
      right.close()
    }))

  test('reports the end of the stream as often as it is read', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      left.close()
      expect((yield* right.recv(10)).length).toBe(0)
      expect((yield* right.recv(10)).length).toBe(0)
      right.close()
    }))

  test('cannot send after shutting down sending', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      left.shutdown(SHUT_WR)
      expect(yield* failure(left.send('x'))).toMatchObject({ code: 'EPIPE', errno: 32, name: 'BrokenPipeError' })
      expect(yield* failure(left.sendall('x'))).toMatchObject({ code: 'EPIPE', errno: 32 })
      left.close()
      right.close()
    }))

  test('returns what has arrived, then the end, after SHUT_RD', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      yield* left.sendall('abc')
      expect(String(yield* right.recv(1))).toBe('a')
      right.shutdown(SHUT_RD)
      expect(String(yield* right.recv(10))).toBe('bc')
      expect((yield* right.recv(10)).length).toBe(0)
      yield* right.sendall('still sending')
      expect(String(yield* left.recv(100))).toBe('still sending')
      right.shutdown(SHUT_RDWR)
      expect((yield* left.recv(100)).length).toBe(0)
      left.close()
      right.close()
    }))

  test('returns what has arrived after SHUT_RD, even if nothing was read before', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      yield* left.sendall('abc')
      right.shutdown(SHUT_RD)
      // A few turns later as well.
      yield* loopTurns()
      expect(String(yield* right.recv(10))).toBe('abc')
      expect((yield* right.recv(10)).length).toBe(0)
      left.close()
      right.close()
    }))

  test('is reset by a close with unread bytes: once for the reader, permanently for the writer', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      yield* left.sendall('abc')
      right.close()
      expect(yield* failure(left.recv(10))).toMatchObject({ code: 'ECONNRESET', errno: 104 })
      expect((yield* left.recv(10)).length).toBe(0)
      expect(yield* failure(left.send('x'))).toMatchObject({ code: 'EPIPE', errno: 32 })
      left.close()
    }))

  test('wakes a waiting reader with the end of the stream on SHUT_RD', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const reader = spawn(() => right.recv(10))
      yield* sleep(0)
      right.shutdown(SHUT_RD)
      expect((yield* reader).length).toBe(0)
      left.close()
      right.close()
    }))

  test('returns immediately from a read of 0 bytes and rejects a negative size', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      expect((yield* right.recv(0)).length).toBe(0)
      expect(() => right.recv(-1)).toThrow(new RangeError('negative buffersize in recv'))
      expect(() => right.recv('x' as unknown as number)).toThrow(TypeError)
      expect(() => right.recv(1.5)).toThrow(TypeError)
      expect(() => right.recv(1, 'MSG_PEEK' as never)).toThrow('to be a sum of MSG_*, got "MSG_PEEK"')
      left.close()
      right.close()
    }))

  test('waits for all bytes with MSG_WAITALL', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      yield* left.sendall('abc')
      const reader = spawn(() => right.recv(5, MSG_WAITALL))
      yield* loopTurns()
      yield* left.sendall('defg')
      expect(String(yield* reader)).toBe('abcde')
      left.close()
      expect(String(yield* right.recv(100, MSG_WAITALL))).toBe('fg')
      right.close()
    }))

  test('leaves bytes in place with MSG_PEEK', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      yield* left.sendall('abc')
      expect(String(yield* right.recv(2, MSG_PEEK))).toBe('ab')
      expect(String(yield* right.recv(10, { flags: MSG_PEEK }))).toBe('abc')
      expect(String(yield* right.recv(10))).toBe('abc')
      left.close()
      right.close()
    }))

  test('does not block with MSG_DONTWAIT or a timeout of 0', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const refused = yield* failure(right.recv(1, MSG_DONTWAIT))
      expect(refused).toBeInstanceOf(BlockingIOError)
      expect(refused).toMatchObject({ errno: errno.EAGAIN, code: 'EAGAIN' })
      expect(yield* failure(right.recv(1, { timeout: 0 }))).toBeInstanceOf(BlockingIOError)
      right.setblocking(false)
      expect(yield* failure(right.recv(1))).toMatchObject({ message: '[Errno 11] Resource temporarily unavailable' })
      yield* right.sendall('tiny')
      expect(String(yield* left.recv(10))).toBe('tiny')
      left.close()
      right.close()
    }))

  test('finds what has already arrived without blocking, also in a loop that does nothing else', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      right.setblocking(false)
      const calls: ((sock: Socket) => Operation<unknown>)[] = [
        (sock) => sock.recv(9),
        (sock) => sock.recv(9, MSG_WAITALL),
        (sock) => sock.recvInto(Buffer.alloc(9), 9, MSG_WAITALL),
      ]
      for (const call of calls) {
        yield* left.sendall('abc')
        const result = yield* call(right)
        expect(typeof result === 'number' ? result : String(result)).toBe(typeof result === 'number' ? 3 : 'abc')
      }
      const sending = spawn(function* () {
        yield* sleep(1)
        yield* left.sendall('late')
      })
      for (;;) {
        const { ok } = yield* attempt(right.recv(9, MSG_PEEK))
        if (ok) break
        if (name === 'in memory') yield* sleep(0)
      }
      expect(String(yield* right.recv(9))).toBe('late')
      yield* sending
      yield* left.close()
      expect((yield* right.recv(9)).length).toBe(0)
      right.close()
    }))

  test('takes what there is with MSG_WAITALL if it is non-blocking, as in the kernel', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      expect(yield* failure(right.recv(3, MSG_WAITALL | MSG_DONTWAIT))).toMatchObject({ code: 'EAGAIN' })
      yield* left.sendall('ab')
      yield* select([right], [], [])
      right.settimeout(0)
      expect(String(yield* right.recv(3, MSG_WAITALL))).toBe('ab')
      expect(yield* failure(right.recv(3, MSG_WAITALL))).toMatchObject({ code: 'EAGAIN' })
      left.close()
      right.close()
    }))

  test('a kill during a non-blocking call loses no byte', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const killed = spawn(() => right.recv(9, MSG_DONTWAIT))
      yield* sleep(0)
      yield* killed.kill()
      yield* left.sendall('abc')
      expect(String(yield* right.recv(9))).toBe('abc')
      left.close()
      right.close()
    }))

  test('stays usable after a read times out', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      right.settimeout(20)
      const late = yield* failure(right.recv(10))
      expect(late).toBeInstanceOf(TimeoutError)
      expect(late).toBeInstanceOf(OSError)
      expect(late).toMatchObject({ message: 'timed out', errno: undefined })
      right.settimeout(undefined)
      expect(yield* failure(right.recv(10, { timeout: 10 }))).toBeInstanceOf(TimeoutError)
      yield* left.sendall('here')
      expect(String(yield* right.recv(10))).toBe('here')
      left.close()
      right.close()
    }))

  test('loses no bytes to a kill or a timeout in recv', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      expect(yield* withTimeout(5, () => right.recv(10), { timeoutValue: 'nothing' })).toBe('nothing')
      const killed = spawn(() => right.recv(10))
      yield* sleep(0)
      yield* killed.kill()
      yield* left.sendall('all of it')
      expect(String(yield* right.recv(100))).toBe('all of it')
      const exact = spawn(() => right.recvExact(10))
      yield* left.sendall('half')
      yield* loopTurns()
      yield* exact.kill()
      yield* left.sendall('whole')
      expect(String(yield* right.recvExact(9))).toBe('halfwhole')
      left.close()
      right.close()
    }))

  test('puts back bytes that were being delivered to a killed greenlet', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const killed = spawn(() => right.recv(3))
      yield* sleep(0)
      yield* left.sendall('abcdef')
      yield* killed.kill()
      const got = killed.value instanceof Uint8Array ? String(killed.value) : ''
      expect(got + String(yield* right.recvExact(6 - got.length))).toBe('abcdef')
      left.close()
      right.close()
    }))

  test('blocks `send` while too much is unsent, and takes nothing from an abandoned one', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const piece = Buffer.alloc(50_000)
      let sent = 0
      const filling = spawn(function* () {
        for (;;) sent += yield* left.send(piece)
      })
      for (let before = -1; before !== sent; yield* loopTurns()) before = sent
      expect(yield* failure(left.send('late', { timeout: 1 }))).toBeInstanceOf(TimeoutError)
      yield* filling.kill()
      const last = spawn(() => left.send('the end'))
      yield* sleep(0)
      expect(last.ready()).toBe(false)
      expect((yield* right.recvExact(sent)).equals(Buffer.alloc(sent))).toBe(true)
      expect(String(yield* right.recvExact(7))).toBe('the end')
      expect(yield* last).toBe(7)
      left.close()
      right.close()
    }))

  test('fails a blocked `send` when the peer closes', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const filling = spawn(function* () {
        for (;;) yield* left.send(Buffer.alloc(50_000))
      })
      yield* loopTurns()
      right.close()
      expect((yield* failure<OSError>(filling.get())).code).toMatch(/EPIPE|ECONNRESET/)
      left.close()
    }))

  test('rejects a second reader without disturbing the first', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const first = spawn(() => right.recv(10))
      yield* sleep(0)
      expect(yield* failure(right.recv(10))).toBeInstanceOf(ConcurrentObjectUseError)
      expect(yield* failure(right.recvExact(10))).toBeInstanceOf(ConcurrentObjectUseError)
      yield* left.sendall('first')
      expect(String(yield* first)).toBe('first')
      left.close()
      right.close()
    }))

  test('can read and send in different greenlets at the same time', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const data = Buffer.alloc(3_000_000, 'abcdefg')
      const sender = spawn(() => left.sendall(data))
      const other = spawn(() => right.sendall(data))
      const reader = spawn(() => right.recvExact(data.length))
      expect((yield* left.recvExact(data.length)).equals(data)).toBe(true)
      expect((yield* reader).equals(data)).toBe(true)
      yield* sender
      yield* other
      left.close()
      right.close()
    }))

  test('wakes waiting greenlets when another one closes it', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const reader = spawn(() => failure(right.recv(10)))
      const writer = spawn(() => failure(right.sendall(Buffer.alloc(50_000_000))))
      yield* loopTurns()
      right.close()
      for (const waiter of [reader, writer]) {
        expect(yield* waiter).toMatchObject({
          errno: 9,
          message: '[Errno 9] File descriptor was closed in another greenlet',
        })
      }
      expect(yield* failure(right.recv(1))).toMatchObject({ errno: 9, message: '[Errno 9] Bad file descriptor' })
      expect(right.fileno()).toBe(-1)
      right.close()
      left.close()
    }))

  test('applies the timeout to a whole sendall, not to each part', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      left.settimeout(50)
      const started = Date.now()
      expect(yield* failure(left.sendall(Buffer.alloc(50_000_000)))).toBeInstanceOf(TimeoutError)
      expect(Date.now() - started).toBeLessThan(5_000)
      left.close()
      right.close()
    }))

  test('distinguishes an outer Timeout from its own', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const foreign = Timeout.startNew(10)
      let caught: unknown
      try {
        yield* right.recv(1, { timeout: 5_000 })
      } catch (error) {
        caught = error
      }
      expect(caught).toBe(foreign)
      left.close()
      right.close()
    }))

  test('reads into a buffer', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const buffer = new Uint8Array(8)
      yield* left.sendall('abcdefghij')
      expect(yield* right.recvInto(buffer, 4)).toBe(4)
      expect(String(Buffer.from(buffer))).toBe('abcd\0\0\0\0')
      expect(yield* right.recvInto(buffer)).toBe(6)
      expect(yield* failure(right.recvInto(buffer, { timeout: 1 }))).toBeInstanceOf(TimeoutError)
      yield* left.sendall('abcd')
      expect(yield* right.recvInto(buffer, { nbytes: 1, flags: MSG_PEEK })).toBe(1)
      expect(yield* right.recvfromInto(buffer, { nbytes: 2 })).toEqual([2, undefined])
      expect(yield* right.recvInto(buffer, 2, { timeout: 1_000 })).toBe(2)
      expect(() => right.recvInto(buffer, { nbytes: -1 })).toThrow(RangeError)
      yield* left.sendall('ab')
      const memory = new ArrayBuffer(4)
      expect(yield* right.recvInto(memory)).toBe(2)
      expect([...new Uint8Array(memory)]).toEqual([97, 98, 0, 0])
      expect(() => right.recvInto(buffer, 9)).toThrow(RangeError)
      expect(() => right.recvInto(buffer.subarray(0, 4), 5)).toThrow(RangeError)
      expect(() => right.recvInto(buffer, -1)).toThrow(RangeError)
      expect(() => right.recvInto('x' as unknown as Uint8Array)).toThrow(TypeError)
      left.close()
      expect(yield* right.recvInto(buffer)).toBe(0)
      right.close()
    }))

  test('reports how much of an exact read has arrived at an early end', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      yield* left.sendall('abc')
      left.close()
      const short = yield* failure<IncompleteReadError>(right.recvExact(5))
      expect(short).toBeInstanceOf(IncompleteReadError)
      expect(String(short.partial)).toBe('abc')
      expect(short.expected).toBe(5)
      right.close()
    }))

  test('stays open until the last of its duplicates is closed', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      right.settimeout(10_000)
      const copy = right.dup()
      expect(copy.gettimeout()).toBe(10_000)
      right.close()
      right.close()
      yield* left.sendall('to the copy')
      expect(String(yield* copy.recv(100))).toBe('to the copy')
      copy.close()
      expect((yield* left.recv(1)).length).toBe(0)
      left.close()
    }))

  test('continues under another socket after detach', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const number = right.fileno()
      expect(right.detach()).toBe(number)
      expect(right.fileno()).toBe(-1)
      expect(yield* failure(right.recv(1))).toMatchObject({ errno: 9 })
      const again = socket({ fileno: number })
      expect(again.family).toBe(left.family)
      yield* left.sendall('found')
      expect(String(yield* again.recv(100))).toBe('found')
      again.close()
      left.close()
      expect(() => socket({ fileno: number })).toThrow(OSError)
    }))

  test('wakes who waits through a duplicate that is closed, or a socket that is detached, with EBADF', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const copy = right.dup()
      const reading = spawn(() => failure(copy.recv(1)))
      const sending = spawn(() => failure(copy.sendall(Buffer.alloc(16 * 1024 * 1024))))
      yield* sleep(0)
      copy.close()
      for (const waiter of [reading, sending]) {
        expect(yield* waiter).toMatchObject({
          code: 'EBADF',
          strerror: 'File descriptor was closed in another greenlet',
        })
      }
      const detached = spawn(() => failure(right.recv(1)))
      yield* sleep(0)
      using again = socket({ fileno: right.detach() })
      expect(yield* detached).toMatchObject({ code: 'EBADF' })
      // The connection itself is unharmed.
      yield* left.sendall('x')
      expect(String(yield* again.recv(1))).toBe('x')
      left.close()
    }))

  test('leaves the number alone when a detached socket is closed', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const number = right.detach()
      right.close()
      right.close()
      using again = socket({ fileno: number })
      yield* left.sendall('x')
      expect(String(yield* again.recv(1))).toBe('x')
      left.close()
    }))

  test('sends more than fits to a slow reader, in order', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const sender = spawn(function* () {
        for (let index = 0; index < 200; index += 1) yield* left.sendall(Buffer.alloc(10_000, index))
        left.close()
      })
      let at = 0
      for (;;) {
        const piece = yield* right.recv(7_777)
        if (piece.length === 0) break
        for (const byte of piece) {
          if (byte !== Math.floor(at / 10_000) % 256) throw new Error(`wrong byte at ${at}`)
          at += 1
        }
        if (at % 10 === 0) yield* sleep(0)
      }
      expect(at).toBe(2_000_000)
      yield* sender
      right.close()
    }))

  test('coalesces the writes of one turn with autoCork', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      left.autoCork = true
      for (let index = 0; index < 100; index += 1) yield* left.sendall(`message ${index}\n`)
      yield* left.sendall(Buffer.alloc(100_000, '!'))
      left.shutdown(SHUT_WR)
      const all = String(yield* right.recv(10_000_000, MSG_WAITALL))
      expect(all.length).toBe(100_000 + Array.from({ length: 100 }, (_, index) => `message ${index}\n`).join('').length)
      expect(all.startsWith('message 0\nmessage 1\n')).toBe(true)
      left.close()
      right.close()
    }))

  test('flushes autoCork at the end of each turn, and before a later uncorked write', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      for (const word of ['first', 'second']) {
        left.autoCork = true
        for (const letter of word) yield* left.sendall(letter)
        expect(String(yield* right.recvExact(word.length, { timeout: 5_000 }))).toBe(word)
        yield* left.sendall('be')
        left.autoCork = false
        yield* left.sendall('hind')
        expect(String(yield* right.recvExact(6, { timeout: 5_000 }))).toBe('behind')
      }
      left.autoCork = true
      yield* left.sendall('last')
      left.shutdown(SHUT_WR)
      expect(String(yield* right.recvExact(4, { timeout: 5_000 }))).toBe('last')
      left.close()
      right.close()
    }))

  test('flushes autoCork before closing', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      left.autoCork = true
      yield* left.sendall('last words')
      left.close()
      expect(String(yield* right.recv(100, MSG_WAITALL))).toBe('last words')
      right.close()
    }))

  test.each([false, true])('does not mix up the unsent data of several connections, with autoCork %s', (autoCork) =>
    run(function* () {
      const pairs = [yield* makePair(), yield* makePair(), yield* makePair()]
      const sizes: number[] = []
      for (const [index, [left]] of pairs.entries()) {
        left.autoCork = autoCork
        const piece = Buffer.alloc(10_000, String(index))
        let size = 0
        // With autoCork no send has to wait: it suffices that the kernel has not taken everything.
        while (size < (autoCork ? 8_000_000 : Infinity)) {
          if (!(yield* attempt(left.send(piece, { timeout: 0 }))).ok) break
          size += piece.length
          if (autoCork && size % 500_000 === 0) yield* loopTurns(1)
        }
        sizes.push(size)
      }
      for (const [index, [left, right]] of pairs.entries()) {
        const received = yield* right.recvExact(sizes[index]!)
        expect(received.equals(Buffer.alloc(sizes[index]!, String(index)))).toBe(true)
        left.close()
        right.close()
      }
    }),
  )

  test.each(['send', 'sendall'] as const)('non-blocking %s lets the caller reuse the buffer', (call) =>
    run(function* () {
      const [left, right] = yield* makePair()
      const buffer = Buffer.alloc(50_000, 'a')
      let size = 0
      while ((yield* attempt<unknown>(left[call](buffer, { timeout: 0 }))).ok) size += buffer.length
      buffer.fill('b')
      expect((yield* right.recvExact(size)).indexOf('b')).toBe(-1)
      left.close()
      right.close()
    }),
  )

  test('accepts non-blocking sends as long as select reports it writable', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      left.setblocking(false)
      let size = 0
      while ((yield* attempt(left.send(Buffer.alloc(10_000)))).ok) size += 10_000
      expect(yield* select([], [left], [], { timeout: 0 })).toEqual([[], [], []])
      const selecting = spawn(() => select([], [left], []))
      yield* right.recvExact(size)
      yield* selecting
      expect(yield* left.send('more')).toBe(4)
      left.autoCork = true
      for (const word of ['and', 'more']) expect(yield* left.send(word)).toBe(word.length)
      expect(String(yield* right.recvExact(11))).toBe('moreandmore')
      left.close()
      right.close()
    }))

  test('waits in sendall until everything is flushed, or with autoCork until little is left', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      let size = 0
      while ((yield* attempt(left.send(Buffer.alloc(100_000), { timeout: 0 }))).ok) size += 100_000
      const small = spawn(() => left.sendall('x'))
      yield* loopTurns()
      expect(small.ready()).toBe(false)
      left.autoCork = true
      const corked = spawn(() => left.sendall('y'))
      yield* loopTurns()
      expect(corked.ready()).toBe(false)
      expect(String((yield* right.recvExact(size + 2)).subarray(size))).toBe('xy')
      yield* small
      yield* corked
      left.close()
      right.close()
    }))

  test('lets the caller reuse a large buffer with autoCork', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      left.autoCork = true
      const buffer = Buffer.alloc(50_000, 'a')
      for (let count = 0; count < 200; count += 1) yield* left.sendall(buffer, { timeout: 0 })
      buffer.fill('b')
      expect((yield* right.recvExact(200 * buffer.length)).indexOf('b')).toBe(-1)
      left.close()
      right.close()
    }))

  test('keeps what send took when a later sendall is abandoned', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const buffer = Buffer.alloc(50_000, 'a')
      let size = 0
      while ((yield* attempt(left.send(buffer, { timeout: 0 }))).ok) size += buffer.length
      const sending = spawn(() => left.sendall(Buffer.alloc(1_000_000, 'b')))
      yield* sleep(0)
      yield* sending.kill()
      expect((yield* right.recvExact(size)).equals(Buffer.alloc(size, 'a'))).toBe(true)
      left.close()
      right.close()
    }))
})

test('a peer that closes with unread bytes resets the connection', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    yield* left.sendall('unread')
    yield* right.recv(1)
    right.close()
    expect(yield* failure(left.recv(1))).toMatchObject({ errno: 104, name: 'ConnectionResetError' })
    expect((yield* left.recv(1)).length).toBe(0)
    expect(yield* failure(left.sendall('x'))).toMatchObject({ errno: 32 })
    left.close()
  }))

test('the first send to a closed peer succeeds, a later one fails', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    yield* right.close()
    expect(yield* left.send('first')).toBe(5)
    yield* loopTurns()
    const refused = yield* failure<OSError>(left.send('second'))
    expect([32, 104]).toContain(refused.errno)
    left.close()
  }))

test('close can wait until everything sent is flushed, or for a timeout', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    const twin = left.dup()
    const size = 16 * 1024 * 1024
    yield* left.send(Buffer.alloc(size))
    // The connection stays open: there is nothing to wait for.
    yield* left.close()
    expect(yield* failure(twin.close({ timeout: 5 }))).toBeInstanceOf(TimeoutError)
    const [last, peer] = yield* tcpPair()
    yield* last.send(Buffer.alloc(size))
    const closing = spawn(() => last.close())
    yield* closing.join({ timeout: 5 })
    expect(closing.ready()).toBe(false)
    for (const each of [right, peer]) expect(yield* each.recvExact(size)).toHaveLength(size)
    yield* closing
    right.close()
    peer.close()
  }))

test('two ends that both close with much unsent data do not block each other', () =>
  run(function* () {
    const ends = yield* tcpPair()
    const size = 16 * 1024 * 1024
    for (const end of ends) yield* end.send(Buffer.alloc(size))
    // Each starts to read, but never continues.
    for (const end of ends) end.getsockopt(SOL_SOCKET, SO_ERROR)
    const closings = ends.map((end) => end.close({ timeout: 10_000 }))
    for (const closing of closings) yield* closing
  }))

test('data sent before close still arrives', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    const sending = spawn(function* () {
      yield* left.send(Buffer.alloc(5_000_000, 'z'))
      left.close()
    })
    expect((yield* right.recvExact(5_000_000)).length).toBe(5_000_000)
    yield* sending
    right.close()
  }))

test('what Node does not support fails immediately: out-of-band data, clearing SO_REUSEADDR', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    for (const send of [
      () => left.send('x', MSG_OOB),
      () => left.sendall('x', MSG_OOB),
      () => left.sendto('x', MSG_OOB, right.getsockname()),
    ]) {
      expect(send).toThrow(expect.objectContaining({ code: 'EOPNOTSUPP' }))
    }
    expect(() => left.setsockopt(SOL_SOCKET, SO_REUSEADDR, 0)).toThrow(expect.objectContaining({ code: 'ENOPROTOOPT' }))
    left.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    left.close()
    expect((yield* right.recv(1)).length).toBe(0)
    right.close()
  }))

test('shutting down a listener fails accept with EINVAL, and the socket stays bound', () =>
  run(function* () {
    const server = yield* listener()
    const address = server.getsockname()
    const accepting = spawn(() => server.accept())
    yield* sleep(0)
    server.shutdown(SHUT_WR)
    expect(accepting.dead).toBe(false)
    server.shutdown(SHUT_RDWR)
    expect(yield* failure(accepting.get())).toMatchObject({ code: 'EINVAL', errno: 22 })
    expect(yield* failure(server.accept())).toMatchObject({ code: 'EINVAL' })
    expect(server.getsockname()).toEqual(address)
    const late = socket()
    expect(yield* late.connectEx(address)).toBe(errno.ECONNREFUSED)
    yield* server.listen()
    yield* late.connect(address)
    const [accepted] = yield* server.accept()
    for (const each of [accepted, late, server]) each.close()
  }))

test('shutdown fails with ENOTCONN once both ends have shut down or the connection was reset', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    right.close()
    expect(String(yield* left.recv(1))).toBe('')
    left.shutdown(SHUT_WR)
    yield* loopTurns()
    for (const how of [SHUT_RD, SHUT_WR, SHUT_RDWR])
      expect(() => left.shutdown(how)).toThrow(expect.objectContaining({ code: 'ENOTCONN', errno: 107 }))
    const [reset, peer] = yield* tcpPair()
    peer.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
    peer.close()
    yield* attempt(reset.recv(1))
    yield* loopTurns()
    expect(() => reset.shutdown(SHUT_WR)).toThrow(expect.objectContaining({ code: 'ENOTCONN' }))
    const [one, other] = yield* kernelSocketpair()
    other.close()
    expect(String(yield* one.recv(1))).toBe('')
    for (let times = 0; times < 2; times += 1) {
      one.shutdown(SHUT_WR)
      yield* loopTurns()
    }
    for (const each of [left, reset, one]) each.close()
  }))

test('data that arrived before a reset is received, even if nothing was read before', () =>
  run(function* () {
    for (const [size, begun] of [
      [4, false],
      [300_000, true],
    ] as const) {
      const [client, accepted] = yield* tcpPair()
      const sending = spawn(() => accepted.sendall(Buffer.alloc(size, 'x')))
      let received = begun ? (yield* client.recv(1)).length : 0
      yield* sending
      // Node reads everything from the kernel.
      yield* loopTurns(20)
      accepted.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
      accepted.close()
      yield* loopTurns()
      // Some versions of Node then report the reset as an end of the stream.
      for (let ended = false; !ended; ) {
        const taken = yield* attempt(client.recv(65_536))
        if (!taken.ok) expect(taken.error).toBeInstanceOf(ConnectionResetError)
        ended = !taken.ok || taken.value.length === 0
        if (taken.ok) received += taken.value.length
      }
      expect(received).toBe(size)
      client.close()
    }
  }))

test('what a peer sent before it closed during a sendall is received, on either side of the connection', () =>
  run(function* () {
    for (const swap of [false, true]) {
      const pair = yield* tcpPair()
      const [sender, peer] = swap ? pair.reverse() : pair
      const sending = spawn(() => failure<OSError>(sender!.sendall(Buffer.alloc(32 * 1024 * 1024))))
      yield* peer!.recv(1)
      yield* peer!.sendall('413 too large')
      peer!.close()
      expect((yield* sending).code).toMatch(/ECONNRESET|EPIPE/)
      expect(String(yield* sender!.recv(100))).toBe('413 too large')
      sender!.close()
    }
  }))

test('what a peer sent before it closed is received even after a send has failed', () =>
  run(function* () {
    for (const swap of [false, true]) {
      const pair = yield* tcpPair()
      const [left, right] = swap ? pair.reverse() : pair
      yield* left!.sendall('hello')
      yield* right!.recv(5)
      yield* right!.sendall('421 busy')
      right!.close()
      let sent = yield* attempt(left!.send('x'))
      for (; sent.ok; sent = yield* attempt(left!.send('x'))) yield* loopTurns()
      expect((sent.error as OSError).code).toMatch(/ECONNRESET|EPIPE/)
      expect(String(yield* left!.recv(100))).toBe('421 busy')
      left!.close()
    }
  }))

test('SO_ERROR reports once a reset that no call has reported', () =>
  run(function* () {
    for (const swap of [false, true]) {
      const pair = yield* tcpPair()
      const [left, right] = swap ? pair.reverse() : pair
      left!.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
      left!.close()
      let told = 0
      while (told === 0) {
        told = right!.getsockopt(SOL_SOCKET, SO_ERROR)
        yield* sleep(0)
      }
      expect(told).toBe(errno.ECONNRESET)
      expect(right!.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
      right!.close()
    }
  }))

test.each<[string, (sock: Socket) => Operation<unknown>]>([
  ['recv', (sock) => sock.recv(3)],
  ['recv with MSG_PEEK', (sock) => sock.recv(3, MSG_PEEK)],
  ['recv with MSG_WAITALL', (sock) => sock.recv(3, MSG_WAITALL)],
  ['recvExact', (sock) => sock.recvExact(3)],
  ['recvInto', (sock) => sock.recvInto(Buffer.alloc(3))],
  ['recvInto with MSG_PEEK', (sock) => sock.recvInto(Buffer.alloc(3), 3, MSG_PEEK)],
  ['readline', (sock) => sock.makefile('rb').readline()],
])('data that arrived for a greenlet killed in %s goes to the next one', (_name, receive) =>
  run(function* () {
    const [left, right] = socketpair()
    const killed = spawn(receive, right)
    yield* sleep(0)
    const killing = killed.kill()
    yield* left.sendall('one\ntwo')
    const next = spawn(() => right.recvExact(7))
    yield* killing
    expect(String(yield* next.get({ timeout: 1_000 }))).toBe('one\ntwo')
    left.close()
    right.close()
  }),
)

test('a connection that arrived for a killed greenlet goes to the next one', () =>
  run(function* () {
    const server = yield* listener()
    for (const waitsAlready of [true, false]) {
      const killed = spawn(() => server.accept())
      const other = waitsAlready ? spawn(() => server.accept()) : null
      yield* sleep(0)
      // While it arrives: it is assigned to the greenlet before that one gets to run.
      server.listenerOf()!.server.prependOnceListener('connection', () => killed.kill())
      const client = socket()
      yield* client.connect(server.getsockname())
      yield* killed.join()
      expect(killed.value).toBeInstanceOf(GreenletExit)
      const [accepted] = yield* other === null ? server.accept({ timeout: 1_000 }) : other.get({ timeout: 1_000 })
      expect(accepted.getpeername()).toEqual(client.getsockname())
      client.close()
      accepted.close()
    }
    server.close()
  }))

test('a reset reported by a send is not reported again', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    left.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
    left.close()
    let told = yield* attempt(right.send('x'))
    while (told.ok) {
      yield* sleep(1)
      told = yield* attempt(right.send('x'))
    }
    expect((told.error as OSError).code).toMatch(/ECONNRESET|EPIPE/)
    expect((yield* right.recv(1)).length).toBe(0)
    expect(yield* failure(right.send('x'))).toMatchObject({ code: 'EPIPE' })
    expect((yield* right.recv(1)).length).toBe(0)
    right.close()
  }))

test.each([
  ['', false],
  [' while another waits', true],
])('the rest of an abandoned sendall%s does not delay close', (_words, withAnother) =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    const size = 32 * 1024 * 1024
    const sending = spawn(() => left.sendall(Buffer.alloc(size)))
    const other = withAnother ? spawn(() => failure(left.sendall('x'))) : null
    yield* loopTurns()
    yield* sending.kill()
    left.close()
    if (other !== null) expect(yield* other).toMatchObject({ code: 'EBADF' })
    let received = 0
    let piece = yield* attempt(right.recv(size))
    while (piece.ok && piece.value.length > 0) {
      received += piece.value.length
      piece = yield* attempt(right.recv(size))
    }
    expect(received).toBeLessThan(size)
    right.close()
  }),
)

test('close loses nothing that was sent after an abandoned sendall', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    const size = 8 * 1024 * 1024
    const sending = spawn(() => left.sendall(Buffer.alloc(size)))
    yield* loopTurns()
    yield* sending.kill()
    yield* right.recvExact(size)
    yield* left.send(Buffer.alloc(2 * size))
    left.close()
    expect((yield* right.recvExact(2 * size)).length).toBe(2 * size)
    expect((yield* right.recv(1)).length).toBe(0)
    right.close()
  }))

test.each(PAIRS)('a sendall does not time out because of what another greenlet sends after it, %s', (_name, makePair) =>
  run(function* () {
    const [left, right] = yield* makePair()
    const size = 8 * 1024 * 1024
    const timeout = new Timeout()
    const first = spawn(() => left.sendall(Buffer.alloc(size, 'a'), { timeout }))
    const second = spawn(() => left.sendall(Buffer.alloc(2 * size, 'b')))
    yield* loopTurns()
    expect((yield* right.recvExact(size)).equals(Buffer.alloc(size, 'a'))).toBe(true)
    yield* first.kill(timeout)
    expect(yield* first).toBe(undefined)
    expect(second.ready()).toBe(false)
    yield* right.recvExact(2 * size)
    yield* second
    left.close()
    right.close()
  }),
)

test('holds back a peer that sends far more than is read, and resumes later', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    const size = 32 * 1024 * 1024
    const sending = spawn(() => left.sendall(Buffer.alloc(size)))
    yield* right.recv(1)
    yield* loopTurns(100)
    expect(sending.ready()).toBe(false)
    yield* right.recvExact(size - 1)
    yield* sending
    left.close()
    right.close()
  }))

test('closes normally once the rest of an abandoned sendall is flushed', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    const size = 8 * 1024 * 1024
    const sending = spawn(() => left.sendall(Buffer.alloc(size)))
    yield* loopTurns()
    yield* sending.kill()
    yield* right.sendall('not all of it is read')
    yield* left.recvExact(3)
    yield* right.recvExact(size)
    const last = spawn(() => left.sendall('x'))
    yield* right.recvExact(1)
    yield* last
    left.close()
    expect(yield* failure(right.recv(1))).toMatchObject({ code: 'ECONNRESET' })
    right.close()
  }))
