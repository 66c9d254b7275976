import { sleep, spawn, Timeout } from '@greenlit/core'
import {
  EVENT_READ,
  EVENT_WRITE,
  type FileObject,
  socket,
  socketpair,
  TimeoutError,
  type WaitReadyOptions,
  waitRead,
  waitReadwrite,
  waitWrite,
} from '@greenlit/net'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, listener, PAIRS, run, tcpPair } from '../pair.ts'

guardLeaks()

describe.each(PAIRS)('on a connected pair %s', (_name, makePair) => {
  test('waits until there is data to read, and consumes none of it', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const waiting = spawn(() => waitRead(left))
      yield* sleep(0)
      expect(waiting.ready()).toBe(false)
      yield* right.sendall('abc')
      expect(yield* waiting.get()).toBe(EVENT_READ)
      expect(yield* waitRead(left.fileno())).toBe(EVENT_READ)
      expect(String(yield* left.recv(10))).toBe('abc')
      yield* right.close()
      expect(yield* waitRead(left)).toBe(EVENT_READ)
      expect(yield* left.recv(10)).toHaveLength(0)
      yield* left.close()
    }))

  test('an idle socket is writable, one with data is also readable', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      expect(yield* waitWrite(left)).toBe(EVENT_WRITE)
      yield* right.sendall('x')
      yield* waitRead(left)
      expect(yield* waitReadwrite(left)).toBe(EVENT_READ | EVENT_WRITE)
      for (const each of [left, right]) yield* each.close()
    }))

  test('a check without waiting finds what has just been sent', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      for (const wait of [waitRead, waitReadwrite]) {
        for (let round = 0; round < 10; round += 1) {
          yield* right.sendall('x')
          expect((yield* waitRead(left, { timeout: 0 })) & EVENT_READ).toBe(EVENT_READ)
          expect((yield* wait(left, { timeout: 0 })) & EVENT_READ).toBe(EVENT_READ)
          yield* left.recv(1)
        }
      }
      for (const each of [left, right]) yield* each.close()
    }))

  test('throws the error chosen for a timeout', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      expect(yield* failure(waitRead(left, { timeout: 1 }))).toEqual(new TimeoutError('timed out'))
      expect(yield* failure(waitRead(left, { timeout: 0 }))).toBeInstanceOf(TimeoutError)
      expect(yield* failure(waitRead(left, 1))).toEqual(new TimeoutError('timed out'))
      expect(() => waitRead(left, -1)).toThrow(RangeError)
      expect(yield* failure(waitRead(left, { timeout: new Timeout(1) }))).toEqual(new TimeoutError('timed out'))
      const late = new Error('too late')
      expect(yield* failure(waitRead(left, { timeout: 1, timeoutExc: late }))).toBe(late)
      class Late extends Error {}
      expect(yield* failure(waitRead(left, { timeout: 1, timeoutExc: Late }))).toBeInstanceOf(Late)
      yield* right.sendall('x')
      expect(yield* waitRead(left, { timeout: 10_000 })).toBe(EVENT_READ)
      for (const each of [left, right]) yield* each.close()
    }))

  test('ends with EBADF when the socket is closed, and leaves the socket unchanged when killed', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      const killed = spawn(() => waitRead(left))
      yield* sleep(0)
      yield* killed.kill()
      const waiting = spawn(() => failure(waitRead(left)))
      yield* sleep(0)
      left.close()
      expect(yield* waiting.get()).toMatchObject({ code: 'EBADF' })
      expect(() => waitRead(left)).toThrow(RangeError)
      yield* right.close()
    }))
})

test('a listener is ready once a connection is pending', () =>
  run(function* () {
    const server = yield* listener()
    const client = socket()
    expect(yield* failure(waitRead(server, { timeout: 0 }))).toBeInstanceOf(TimeoutError)
    const waiting = spawn(() => waitRead(server))
    yield* client.connect(server.getsockname())
    expect(yield* waiting.get()).toBe(EVENT_READ)
    const [accepted] = yield* server.accept()
    for (const each of [server, client, accepted]) yield* each.close()
  }))

test('lets other I/O proceed even if the socket waited for is ready every time', () =>
  run(function* () {
    const [left, right] = socketpair()
    const [client, accepted] = yield* tcpPair()
    yield* right.sendall('stays')
    let came: Buffer | undefined
    const receiving = spawn(function* () {
      came = yield* accepted.recv(10)
    })
    yield* client.sendall('hello')
    for (let times = 0; times < 10_000 && came === undefined; times += 1) yield* waitRead(left)
    expect(String(came)).toBe('hello')
    yield* receiving
    for (const each of [left, right, client, accepted]) yield* each.close()
  }))

test('refuses an invalid file object, timeout or error', () => {
  expect(() => waitRead({} as FileObject)).toThrow('must be a number, or have a fileno() method')
  expect(() => waitWrite(0, { timeout: -1 })).toThrow(Error)
  expect(() => waitRead(0, { timeoutExc: 'late' } as unknown as WaitReadyOptions)).toThrow(
    'Expected `timeoutExc` to be an error or the class of one, got "late"',
  )
})
