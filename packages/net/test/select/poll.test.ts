import { sleep, spawn } from '@greenlit/core'
import {
  KeyError,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  poll,
  SHUT_WR,
  socket,
  socketpair,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, loopTurns, run, tcpPair, unusedAddress } from '../pair.ts'

guardLeaks()

test('poll returns the descriptors that are ready and their events', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    const poller = poll()
    poller.register(left, POLLIN)
    expect(yield* poller.poll(0)).toEqual([])
    yield* right.sendall('x')
    expect(yield* poller.poll(2_000)).toEqual([[left.fileno(), POLLIN]])
    poller.register(right)
    poller.modify(left, POLLIN | POLLOUT)
    expect(yield* poller.poll({ timeout: 0 })).toEqual([
      [left.fileno(), POLLIN | POLLOUT],
      [right.fileno(), POLLOUT],
    ])
    poller.unregister(left)
    poller.unregister(right.fileno())
    expect(yield* poller.poll(5)).toEqual([])
    left.close()
    right.close()
  }))

test('poll finds a full socket not writable until its peer has read', () =>
  run(function* () {
    const [left, right] = socketpair()
    left.setblocking(false)
    const poller = poll()
    poller.register(left, POLLOUT)
    while ((yield* poller.poll(0)).length > 0) yield* left.send(Buffer.alloc(1 << 20))
    const waiting = spawn(() => poller.poll())
    yield* loopTurns()
    expect(waiting.ready()).toBe(false)
    const reader = spawn(function* () {
      while ((yield* right.recv(1 << 20)).length > 0) {}
    })
    expect(yield* waiting).toEqual([[left.fileno(), POLLOUT]])
    left.close()
    yield* reader.join()
    right.close()
  }))

test('poll waits indefinitely with a negative timeout or none', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    const poller = poll()
    poller.register(left, POLLIN)
    for (const timeout of [-1, undefined, null]) {
      const waiting = spawn(() => poller.poll(timeout as undefined))
      yield* loopTurns()
      expect(waiting.ready()).toBe(false)
      yield* right.sendall('x')
      expect(yield* waiting).toEqual([[left.fileno(), POLLIN]])
      yield* left.recv(1)
    }
    left.close()
    right.close()
  }))

test('poll always reports errors, hang-ups and closed sockets, even if not requested', () =>
  run(function* () {
    const refused = socket()
    refused.setblocking(false)
    yield* failure(refused.connect(yield* unusedAddress()))
    const [left, right] = socketpair()
    const gone = socket()
    const number = gone.fileno()
    const poller = poll()
    poller.register(refused, 0)
    expect(yield* poller.poll(2_000)).toEqual([[refused.fileno(), POLLERR | POLLHUP]])
    poller.unregister(refused)
    refused.close()
    poller.register(gone, POLLIN)
    gone.close()
    expect(yield* poller.poll(0)).toEqual([[number, POLLNVAL]])
    poller.unregister(number)
    poller.register(left, 0)
    left.shutdown(SHUT_WR)
    right.close()
    expect(yield* poller.poll(0)).toEqual([[left.fileno(), POLLHUP]])
    left.close()
  }))

test('poll reports a number under which nothing is open as POLLNVAL', () =>
  run(function* () {
    const poller = poll()
    const one = socket()
    const number = one.fileno()
    one.close()
    for (const fd of [number, 99_999]) {
      poller.register(fd, POLLIN)
      for (let round = 0; round < 2; round += 1) expect(yield* poller.poll()).toEqual([[fd, POLLNVAL]])
      poller.modify(fd, POLLOUT)
      expect(yield* poller.poll(0)).toEqual([[fd, POLLNVAL]])
      poller.unregister(fd)
      expect(yield* poller.poll(0)).toEqual([])
    }
    expect(() => poller.register(-1)).toThrow(RangeError)
    expect(() => poller.register(0)).toThrow('Operation not permitted')
  }))

test("the events of poll have the kernel's numbers", () => {
  expect([POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLNVAL]).toEqual([1, 2, 4, 8, 16, 32])
})

test('poll refuses unknown and closed sockets and invalid masks', () =>
  run(function* () {
    const poller = poll()
    const one = socket()
    expect(() => poller.unregister(one)).toThrow(KeyError)
    expect(() => poller.modify(one, POLLIN)).toThrow(expect.objectContaining({ code: 'ENOENT', errno: 2 }))
    for (const mask of [-1, 1.5, 0x10000]) expect(() => poller.register(one, mask)).toThrow(RangeError)
    poller.register(one, 0xffff)
    expect(() => poller.register(one, 'in' as unknown as number)).toThrow(TypeError)
    expect(() => poller.register({} as never)).toThrow(TypeError)
    one.close()
    expect(() => poller.register(one)).toThrow(RangeError)
  }))

test('poll notices what is registered, changed and unregistered while it waits', () =>
  run(function* () {
    const [near, far] = socketpair()
    const [left, right] = yield* tcpPair()
    const poller = poll()
    poller.register(near, POLLIN)
    const registered = spawn(() => poller.poll())
    yield* sleep(0)
    poller.register(left, POLLIN)
    yield* right.sendall('x')
    expect(yield* registered).toEqual([[left.fileno(), POLLIN]])
    poller.unregister(left)
    const changed = spawn(() => poller.poll())
    yield* sleep(0)
    poller.modify(near, POLLOUT)
    expect(yield* changed).toEqual([[near.fileno(), POLLOUT]])
    for (const each of [near, far, left, right]) each.close()
  }))

test('poll reports a hang-up and a closed socket on each call', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    const poller = poll()
    poller.register(left, 0)
    expect(yield* poller.poll(0)).toEqual([])
    right.close()
    left.shutdown(SHUT_WR)
    for (let round = 0; round < 3; round += 1) expect(yield* poller.poll()).toEqual([[left.fileno(), POLLHUP]])
    const number = left.fileno()
    left.close()
    for (let round = 0; round < 3; round += 1) expect(yield* poller.poll()).toEqual([[number, POLLNVAL]])
    poller.unregister(number)
    expect(yield* poller.poll(0)).toEqual([])
  }))

test('a socket registered with poll again keeps its position', () =>
  run(function* () {
    const [left, right] = socketpair()
    const poller = poll()
    for (const each of [left, right, left]) poller.register(each, POLLOUT)
    expect(yield* poller.poll(0)).toEqual([
      [left.fileno(), POLLOUT],
      [right.fileno(), POLLOUT],
    ])
    left.close()
    right.close()
  }))
