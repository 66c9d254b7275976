import { attempt, getHub, joinall, killall, sleep, spawn, wait } from '@greenlit/core'
import {
  BrokenPipeError,
  BufferTooShort,
  type Connection,
  connection,
  EOFError,
  JoinableQueue,
  OSError,
  Pipe,
  ProcessDiedError,
  ProcessError,
  Queue,
  SerializationError,
  TimeoutError,
} from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { joined, starter } from '../children.ts'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()
const letters = Buffer.from('abcdefghijklmnopqrstuvwxyz')

/** Makes this process slow to answer requests. */
function* keepBusy() {
  for (;;) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    yield* sleep(0)
  }
}

describe('Pipe in one process', () => {
  test('reads EOF when the message with its other end was not sent: no room, a timeout, or no reader', () =>
    run(function* () {
      const queue = new Queue<unknown>(1)
      yield* queue.put(1)
      const [full, reader] = Pipe()
      yield* full.send(Buffer.alloc(100_000))
      const [deaf, closed] = Pipe()
      closed.close()
      for (const send of [
        (end: Connection) => queue.putNowait(end),
        (end: Connection) => queue.put(end, { timeout: 1 }),
        (end: Connection) => full.send(end, { timeout: 1 }),
        (end: Connection) => deaf.send(end),
      ]) {
        const [given, kept] = Pipe()
        yield* failure(send(given))
        given.close()
        expect(yield* failure(kept.recv({ timeout: 1000 }))).toBeInstanceOf(EOFError)
      }
      expect(yield* reader.recv()).toHaveLength(100_000)
    }))

  test('reads EOF when the message with its other end is left unread in a closed pipe, or is handed back to one', () =>
    run(function* () {
      const pairs = [Pipe(), Pipe(), Pipe(), Pipe()] as const
      const [[first], [nested], [late], [returned]] = pairs
      const [writer, reader] = Pipe()
      const [inner, innerReader] = Pipe()
      yield* writer.send({ first })
      yield* inner.send([nested])
      yield* writer.send(innerReader)
      const waiting = spawn(() => failure(writer.send([late, Buffer.alloc(100_000)])))
      yield* sleep(0)
      for (const end of [first, nested, innerReader, late]) end.close()
      reader.close()
      expect(yield* waiting).toBeInstanceOf(BrokenPipeError)

      const [other, otherReader] = Pipe()
      const killed = spawn(() => otherReader.recv())
      yield* sleep(0)
      // It receives its message before the kill takes effect.
      const ended = killed.kill()
      yield* other.send({ returned })
      returned.close()
      otherReader.close()
      yield* ended
      for (const [, kept] of pairs) expect(yield* failure(kept.recv({ timeout: 1000 }))).toBeInstanceOf(EOFError)
    }))

  test('does not decode an unread message of bytes when it is discarded', () =>
    run(function* () {
      const [writer, reader] = Pipe()
      yield* writer.sendBytes(letters)
      reader.close()
      expect(yield* failure(writer.send(1))).toBeInstanceOf(BrokenPipeError)
    }))

  test('carries values both ways, whole and in order', () =>
    run(function* () {
      const [left, right] = Pipe()
      yield* left.send({ a: [1, 2] })
      yield* left.send('second')
      yield* right.send(3)
      expect([yield* right.recv(), yield* right.recv(), yield* left.recv()]).toEqual([{ a: [1, 2] }, 'second', 3])
    }))

  test('is one-way unless it is duplex', () =>
    run(function* () {
      const [reader, writer] = Pipe({ duplex: false })
      expect([reader.readable, reader.writable, writer.readable, writer.writable]).toEqual([true, false, false, true])
      expect(String(yield* failure(reader.send(1)))).toContain('connection is read-only')
      expect(String(yield* failure(writer.recv()))).toContain('connection is write-only')
      expect(yield* failure(writer.poll())).toBeInstanceOf(OSError)
      yield* writer.send(1)
      expect(yield* reader.recv()).toBe(1)
    }))

  test('polls without waiting, with a timeout, and until there is something to read', () =>
    run(function* () {
      const [left, right] = Pipe()
      expect([
        yield* left.poll(),
        yield* left.poll(-1),
        yield* left.poll(20),
        yield* left.poll({ timeout: 5 }),
      ]).toEqual([false, false, false, false])
      yield* right.send(null)
      const without = [Infinity, { timeout: undefined }, null]
      expect([yield* left.poll(), yield* left.poll(1000)]).toEqual([true, true])
      for (const end of without) expect(yield* left.poll(end as number)).toBe(true)
      expect(yield* left.recv()).toBe(null)
      expect(yield* left.poll()).toBe(false)
    }))

  test('reads EOF after the other end is closed, once earlier messages are read', () =>
    run(function* () {
      const [left, right] = Pipe()
      const reader = spawn(() => failure(right.recv()))
      yield* sleep(0)
      left.close()
      expect(yield* reader).toBeInstanceOf(EOFError)
      expect(yield* failure(right.send(1))).toBeInstanceOf(BrokenPipeError)
      expect(yield* right.poll()).toBe(true)
      expect(String(yield* failure(left.send(1)))).toContain('handle is closed')
      expect(yield* failure(left.recv())).toBeInstanceOf(OSError)
      expect(left.closed).toBe(true)
      left.close()
      const [a, b] = Pipe()
      yield* a.send('last')
      a.close()
      expect(yield* b.recv()).toBe('last')
      expect(yield* failure(b.recv())).toBeInstanceOf(EOFError)
    }))

  test('sends parts of bytes', () =>
    run(function* () {
      const [left, right] = Pipe()
      for (const [offset, size] of [
        [5, undefined],
        [7, 8],
        [26, undefined],
        [26, 0],
      ] as [number, number | undefined][]) {
        yield* left.sendBytes(letters, offset, size)
        expect(yield* right.recvBytes()).toEqual(
          letters.subarray(offset, size === undefined ? undefined : offset + size),
        )
      }
      for (const [offset, size] of [[27], [22, 5], [26, 1], [-1], [4, -1]] as [number, number?][])
        expect(() => left.sendBytes(letters, offset, size)).toThrow(RangeError)
      yield* left.sendBytes(letters, { offset: 4, size: 2, timeout: 1000 })
      expect(String(yield* right.recvBytes())).toBe(letters.toString().slice(4, 6))
      expect(() => left.sendBytes(letters, { size: 27 })).toThrow('Expected `size`')
      yield* left.sendBytes(letters)
      const buffer = Buffer.alloc(30)
      expect(yield* right.recvBytesInto(buffer, 2)).toBe(26)
      expect(buffer.subarray(2, 28)).toEqual(letters)
      yield* left.sendBytes(letters)
      const tooShort = yield* failure(right.recvBytesInto(Buffer.alloc(5)))
      expect(tooShort).toBeInstanceOf(BufferTooShort)
      expect(tooShort).toBeInstanceOf(ProcessError)
      expect(tooShort).toBeInstanceOf(RangeError)
      expect(tooShort).toMatchObject({ name: 'BufferTooShort', code: 'BUFFER_TOO_SHORT', bytes: letters })
      yield* left.sendBytes(letters)
      expect(yield* right.recvBytes(26)).toEqual(letters)
      yield* left.sendBytes(letters)
      expect(yield* right.recvBytes({ maxLength: 26 })).toEqual(letters)
      expect(() => right.recvBytes(-1)).toThrow('`maxlength`')
      const [given, kept] = Pipe()
      yield* left.send(['a value', given])
      given.close()
      expect(yield* failure(right.recvBytes())).toMatchObject({ message: expect.stringContaining('got a value') })
      expect(yield* failure(kept.recv({ timeout: 1000 }))).toBeInstanceOf(EOFError)
      yield* left.sendBytes(letters)
      expect(yield* failure(right.recvBytes({ maxlength: 5 }))).toMatchObject({ strerror: 'bad message length' })
      expect(right.closed).toBe(true)
    }))

  test('sends strings as UTF-8, and the memory of any view', () =>
    run(function* () {
      const [left, right] = Pipe()
      const words = new Uint16Array([1, 2, 3])
      const view = words.subarray(1)
      const sent: [bytes: Parameters<typeof left.sendBytes>[0], arrives: readonly number[]][] = [
        ['é!', [0xc3, 0xa9, 0x21]],
        ['', []],
        [view, [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)]],
        [new DataView(words.buffer, 0, 2), [...new Uint8Array(words.buffer, 0, 2)]],
        [words.buffer, [...new Uint8Array(words.buffer)]],
      ]
      for (const [bytes, arrives] of sent) {
        yield* left.sendBytes(bytes)
        expect([...(yield* right.recvBytes())]).toEqual(arrives)
      }
      yield* left.sendBytes('héllo', 1, 2)
      expect(String(yield* right.recvBytes())).toBe('é')
      expect(() => left.sendBytes(5 as never)).toThrow('Expected `bytes` to be')
      yield* left.sendBytes(view)
      const target = new Uint16Array(3)
      expect(yield* right.recvBytesInto(target, 2)).toBe(4)
      expect([...target]).toEqual([0, 2, 3])
      expect(() => right.recvBytesInto('x' as never)).toThrow('Expected `buffer` to be')
    }))

  test('blocks a sender while too much is unread, and loses nothing on a timeout', () =>
    run(function* () {
      const [left, right] = Pipe()
      const large = Buffer.alloc(60_000)
      yield* left.sendBytes(large)
      expect(yield* failure(left.sendBytes(large, 0, undefined, { timeout: 10 }))).toBeInstanceOf(TimeoutError)
      const sender = spawn(() => left.sendBytes(large))
      yield* sleep(1)
      expect(sender.ready()).toBe(false)
      yield* right.recvBytes()
      yield* sender
      yield* right.recvBytes()
      expect(yield* failure(right.recv({ timeout: 10 }))).toBeInstanceOf(TimeoutError)
      expect(yield* failure(left.send(() => 1))).toBeInstanceOf(SerializationError)
    }))

  test('admits a waiting sender that there is room for when the one ahead of it gives up', () =>
    run(function* () {
      const [left, right] = Pipe()
      yield* left.sendBytes(Buffer.alloc(60_000))
      const large = spawn(() => left.sendBytes(Buffer.alloc(10_000)))
      yield* sleep(0)
      const small = spawn(() => left.sendBytes(letters))
      yield* sleep(0)
      large.kill()
      yield* small
      yield* right.recvBytes()
      expect(yield* right.recvBytes()).toEqual(letters)
    }))

  test('reads EOF when an end that could not be sent is closed by its last holder', () =>
    run(function* () {
      const [carrier] = Pipe()
      const [left, right] = Pipe()
      expect(yield* failure(carrier.send([left, () => 1]))).toBeInstanceOf(SerializationError)
      left.close()
      expect(yield* failure(right.recv())).toBeInstanceOf(EOFError)
    }))

  test('stays open while an end is in transit, and reads EOF when its receiver has closed it', () =>
    run(function* () {
      const [carrier, taker] = Pipe()
      const [left, right] = Pipe()
      yield* carrier.send(left)
      left.close()
      expect(yield* right.poll()).toBe(false)
      const again = yield* taker.recv<Connection>()
      yield* again.send(1)
      expect(yield* right.recv()).toBe(1)
      again.close()
      expect(yield* failure(right.recv({ timeout: 1000 }))).toBeInstanceOf(EOFError)
    }))

  test('fails a waiting sender when the other end is closed', () =>
    run(function* () {
      const [left, right] = Pipe()
      const senders = [1, 2].map(() => spawn(() => attempt(left.sendBytes(Buffer.alloc(60_000)))))
      yield* sleep(1)
      right.close()
      expect((yield* senders[0]!).ok).toBe(true)
      expect(yield* senders[1]!).toMatchObject({ ok: false, error: expect.any(BrokenPipeError) })
    }))

  test('refuses a link to a closed end, and keeps nothing alive for it', () => {
    const [end] = Pipe()
    end.close()
    expect(() => end.rawlink(() => {})).toThrow('handle is closed')
  })

  test('puts back a message that a killed receiver did not get', () =>
    run(function* () {
      const [left, right] = Pipe()
      const receiver = spawn(() => right.recv())
      yield* sleep(0)
      yield* left.send(1)
      yield* receiver.kill()
      yield* left.send(2)
      const got = receiver.value === 1 ? [1] : [yield* right.recv()]
      expect([...got, yield* right.recv()]).toEqual([1, 2])
    }))
})

test('puts back, in order, the messages that several killed receivers did not get', () =>
  run(function* () {
    for (const backwards of [false, true]) {
      const [left, right] = Pipe()
      const receivers = Array.from({ length: 3 }, () => spawn(() => right.recv()))
      yield* sleep(0)
      // They receive their messages before the kills take effect.
      for (const receiver of backwards ? receivers.reverse() : receivers) receiver.kill()
      for (let message = 1; message <= 4; message += 1) yield* left.send(message)
      yield* joinall(receivers)
      const got: unknown[] = []
      while (yield* right.poll()) got.push(yield* right.recv())
      expect(got).toEqual([1, 2, 3, 4])
    }
  }))

test('a receiver that was just killed holds no message back from those after it', () =>
  run(function* () {
    const [left, right] = Pipe()
    const [killed, next] = [spawn(() => right.recv()), spawn(() => right.recv())]
    yield* sleep(0)
    const killing = killed.kill()
    for (const message of [1, 2, 3]) yield* left.send(message)
    expect([yield* right.poll(), yield* right.recv(), yield* next, yield* right.recv()]).toEqual([true, 1, 2, 3])
    yield* killing
  }))

test('refuses to send shared memory to a pipe of another process', () =>
  run(function* () {
    const [back, results] = [new Queue<Connection>(), new Queue<string>()]
    const child = starter('process')('keepsPipe', back)
    const thread = starter('thread')('sendsMemory', yield* back.get(), results)
    expect(yield* results.get({ timeout: 20_000 })).toBe('SerializationError')
    child.kill()
    yield* child.join()
    yield* joined(thread)
  }))

test('closes an end that was sent to a child that dies before it reads that', () =>
  run(function* () {
    const [control, its] = Pipe()
    const told = new Queue<string>()
    const child = starter('process')('takesWhenTold', its, told)
    yield* told.get()
    process.kill(child.pid!, 'SIGSTOP')
    const [mine, other] = Pipe()
    yield* control.send([other])
    other.close()
    expect(yield* mine.poll()).toBe(false)
    yield* child.kill()
    expect(yield* failure(mine.recv())).toBeInstanceOf(EOFError)
    for (const end of [control, its, mine]) end.close()
  }))

describe.each(['process', 'thread'] as const)('Pipe to a %s', (context) => {
  const start = starter(context)

  test('echoes after the parent has closed its copy of the end', () =>
    run(function* () {
      const [mine, its] = Pipe()
      const child = start('echo', its)
      its.close()
      for (const message of ['hello', { nested: [1n] }, Buffer.alloc(300_000, 'x')]) {
        yield* mine.send(message)
        expect(yield* mine.recv()).toEqual(message)
      }
      mine.close()
      yield* joined(child)
    }))

  test('echoes bytes, whatever they are', () =>
    run(function* () {
      const [mine, its] = Pipe()
      const child = start('echoBytes', its)
      its.close()
      const encoded = Buffer.from([0xff, 0x0f, 2, 0x6f, 0, 0x7b])
      for (const message of [letters, Buffer.from(''), encoded, Buffer.alloc(3), Buffer.alloc(300_000, 'x')]) {
        yield* mine.sendBytes(message)
        expect(yield* mine.recvBytes()).toEqual(message)
      }
      mine.close()
      yield* joined(child)
    }))

  test('reads EOF when the child ends', () =>
    run(function* () {
      const [mine, its] = Pipe()
      const child = start('sendOnce', its, 'only')
      its.close()
      expect(yield* mine.recv()).toBe('only')
      expect(yield* failure(mine.recv())).toBeInstanceOf(EOFError)
      yield* joined(child)
    }))

  test('reads EOF when the child is killed', () =>
    run(function* () {
      const [mine, its] = Pipe()
      const child = start('echo', its)
      its.close()
      yield* mine.send(1)
      yield* mine.recv()
      const reader = spawn(() => failure(mine.recv()))
      yield* sleep(0)
      child.kill()
      expect(yield* reader).toBeInstanceOf(EOFError)
      yield* child.join()
    }))

  test('takes each message once from a child whose calls time out as they are answered', () =>
    run(function* () {
      const [mine, its] = Pipe({ duplex: false })
      const child = start('giveImpatiently', its, 150)
      its.close()
      for (let number = 0; number < 150; number += 1) {
        expect(((yield* mine.recv()) as [number, string])[0]).toBe(number)
        yield* sleep(number % 3)
      }
      expect(yield* failure(mine.recv())).toBeInstanceOf(EOFError)
      yield* joined(child)
    }))

  test.each([
    ['values', (mine: Connection, message: number) => mine.send(message)],
    ['bytes', (mine: Connection, message: number) => mine.sendBytes(`${message}`)],
  ])('keeps the order of %s for a child whose calls are killed or time out as they are answered', (_, send) =>
    run(function* () {
      const [its, mine] = Pipe({ duplex: false })
      const results = new Queue<unknown[]>()
      const child = start('takeImpatiently', its, 300, results)
      const messages = Array.from({ length: 300 }, (_, message) => message)
      for (const message of messages) yield* send(mine, message)
      expect((yield* results.get()).map((message) => Number(message))).toEqual(messages)
      for (const end of [mine, its]) end.close()
      yield* joined(child)
    }),
  )

  test('carries much more than it can buffer', () =>
    run(function* () {
      const [mine, its] = Pipe({ duplex: false })
      const child = start('sendMany', its, 200, 5000)
      its.close()
      for (let i = 0; i < 200; i += 1) expect(((yield* mine.recv()) as { i: number }).i).toBe(i)
      expect(yield* failure(mine.recv())).toBeInstanceOf(EOFError)
      yield* joined(child)
    }))

  test('fails the waiters at an end that is closed, and loses nothing sent from it', () =>
    run(function* () {
      const [mine, its] = Pipe()
      const reader = spawn(() => failure(mine.recv()))
      const looker = spawn(() => wait([mine]))
      yield* sleep(0)
      for (let i = 0; i < 3; i += 1) spawn(() => mine.send('x'.repeat(50_000)))
      yield* sleep(0)
      mine.close()
      expect(yield* reader).toMatchObject({ code: 'EBADF', message: expect.stringContaining('handle is closed') })
      yield* looker
      for (let i = 0; i < 3; i += 1) expect(yield* its.recv()).toHaveLength(50_000)
      expect(yield* failure(its.recv())).toBeInstanceOf(EOFError)
      its.close()
    }))

  test('connects two siblings', () =>
    run(function* () {
      const [left, right] = Pipe()
      const out = new Queue<number>()
      const receiver = start('recvThenSendSum', right, out)
      const senders = [start('sendOnce', left, 1), start('sendOnce', left, 2)]
      for (let i = 0; i < 8; i += 1) yield* left.send(1)
      expect(yield* out.get()).toBe(11)
      yield* joined(receiver, ...senders)
    }))

  test("fails a child's send when nobody reads any more", () =>
    run(function* () {
      const [mine, its] = Pipe()
      const results = new Queue<string>()
      const child = start('brokenSend', its, results)
      its.close()
      yield* mine.recv()
      mine.close()
      expect(yield* results.get()).toBe('BrokenPipeError')
      yield* joined(child)
    }))

  test("fails a child's first send to an end that was closed before", () =>
    run(function* () {
      const [mine, its] = Pipe()
      const results = new Queue<string[]>()
      const child = start('sendsLate', its, results)
      mine.close()
      expect(yield* results.get()).toEqual(['EOFError', 'BrokenPipeError'])
      yield* joined(child)
      its.close()
    }))

  test('fails a waiting receiver when the child that owns the pipe dies', () =>
    run(function* () {
      const back = new Queue<Connection>()
      const child = start('keepsPipe', back)
      const connection = yield* back.get()
      const reader = spawn(() => failure(connection.recv()))
      yield* sleep(0)
      child.kill()
      expect(yield* reader).toBeInstanceOf(ProcessDiedError)
      yield* child.join()
    }))

  test('refuses messages once the child that owns it has ended', () =>
    run(function* () {
      const back = new Queue<Connection>()
      const child = start('makesPipe', back)
      const connection = yield* back.get()
      yield* joined(child)
      expect(yield* failure(connection.send('lost'))).toBeInstanceOf(BrokenPipeError)
    }))

  test('stays usable in the child after the parent has closed its copy', () =>
    run(function* () {
      const [mine, its] = Pipe()
      const child = start('echo', its)
      yield* mine.send(1)
      // Now the child waits for more.
      expect(yield* mine.recv()).toBe(1)
      its.close()
      yield* mine.send(2)
      expect(yield* mine.recv()).toBe(2)
      mine.close()
      yield* joined(child)
    }))

  test('closes silently after the child that owns it has ended', () =>
    run(function* () {
      const reported: string[] = []
      getHub().exceptionStream = { write: (text) => reported.push(text) }
      const back = new Queue<Connection>()
      const child = start('makesPipe', back)
      const connection = yield* back.get()
      yield* joined(child)
      connection.close()
      yield* sleep(1)
      expect(reported).toEqual([])
    }))

  test('accepts no more than there is room for, however often a sender times out', () =>
    run(function* () {
      const back = new Queue<Connection>()
      const child = start('keepsPipe', back)
      const connection = yield* back.get()
      let sent = 0
      for (let tries = 0; tries < 12; tries += 1) {
        const attempted = yield* attempt(connection.sendBytes(Buffer.alloc(30_000), 0, undefined, { timeout: 20 }))
        if (attempted.ok) sent += 1
      }
      expect(sent).toBeLessThan(5)
      child.kill()
      yield* child.join()
    }))

  test('puts back the messages that were on their way to killed receivers', () =>
    run(function* () {
      const back = new Queue<Connection[]>()
      const child = start('sendsDeaf', back)
      const [first, second] = yield* back.get()
      const killed = Array.from({ length: 2 }, () => spawn(() => second!.recv()))
      yield* sleep(0)
      yield* first!.send('go')
      expect(yield* first!.recv()).toBe('begun')
      // The child sends before it reads this.
      yield* killall(killed)
      expect([yield* second!.recv(), yield* second!.recv()]).toEqual(['on its way', 'behind it'])
      yield* first!.send('end')
      yield* joined(child)
    }))

  test('carries an end of another pipe', () =>
    run(function* () {
      const [mine, its] = Pipe()
      const child = start('sendsConnection', its)
      const other = yield* mine.recv<Connection>()
      expect(yield* other.recv()).toBe('through the new pipe')
      yield* other.send('done')
      yield* joined(child)
    }))

  test.each(['before', 'after'])('tells a child that an end was left unread in a pipe closed %s it was sent', (when) =>
    run(function* () {
      const [mine, its] = Pipe()
      const go = new Queue<boolean>()
      const child = start('sendsUnread', its, go)
      if (when === 'before') mine.close()
      yield* go.put(true)
      if (when === 'after') yield* mine.poll(Infinity)
      mine.close()
      yield* joined(child)
    }),
  )

  test.each(['pipe', 'queue'])('closes an end that was left unread in a %s of a child that dies', (kind) =>
    run(function* () {
      const [control, its] = Pipe()
      const child = start('keepsUnread', its, kind)
      const [mine, other] = Pipe()
      yield* control.send(other)
      other.close()
      expect(yield* control.recv()).toBe('kept')
      expect(yield* mine.poll()).toBe(false)
      yield* child.kill()
      expect(yield* failure(mine.recv())).toBeInstanceOf(EOFError)
      for (const end of [control, its, mine]) end.close()
    }),
  )

  test('takes without waiting what is there, however slow its owner answers', () =>
    run(function* () {
      const results = new Queue<unknown[]>()
      const [mine, its] = Pipe()
      yield* mine.send('x')
      const busy = spawn(keepBusy)
      const child = start('takesWithoutWaiting', results, its, new JoinableQueue())
      expect(yield* results.get()).toEqual(['x', true, 'TimeoutError'])
      yield* joined(child)
      yield* busy.kill()
    }))

  test('connection.wait in a child returns all objects that are ready, also without waiting', () =>
    run(function* () {
      const results = new Queue<number[]>()
      const pipes = [Pipe(), Pipe(), Pipe(), Pipe()]
      const theirs = pipes.map(([, its]) => its)
      yield* pipes[1]![0].send('x')
      pipes[3]![0].close()
      const busy = spawn(keepBusy)
      const child = start('waitsForConnections', results, theirs, [{ timeout: 0 }, { timeout: -1 }, {}])
      for (let round = 0; round < 3; round += 1) expect(yield* results.get()).toEqual([1, 3])
      yield* joined(child)
      const other = start('waitsForConnections', results, [theirs[0]], [{ timeout: 0 }])
      expect(yield* results.get()).toEqual([])
      yield* joined(other)
      yield* busy.kill()
    }))

  test('connection.wait returns the objects that are ready', () =>
    run(function* () {
      const pipes = [Pipe(), Pipe()]
      const child = start('sendOnce', pipes[1]![1], 'x')
      const ends = pipes.map(([mine]) => mine)
      expect(yield* connection.wait([...ends, child])).toContain(ends[1])
      expect(yield* wait([child])).toEqual([child])
      expect(yield* connection.wait([ends[0]!], { timeout: 10 })).toEqual([])
      expect(yield* connection.wait([...ends, child])).toEqual([ends[1], child])
    }))
})
