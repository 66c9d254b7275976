import { PassThrough } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Coroutine, LoopExit, type Operation, sleep, spawn, Timeout } from '@greenlit/core'
import { useVirtualClock, watchLeaks } from '@greenlit/core/testing'
import {
  AF_INET,
  BaseSelector,
  DefaultSelector,
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  GeventSelector,
  KeyError,
  POLLIN,
  PollSelector,
  poll,
  SelectSelector,
  SO_ERROR,
  SOCK_DGRAM,
  SOL_SOCKET,
  type Socket,
  select,
  socket,
  socketpair,
} from '@greenlit/net'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, listener, PAIRS, run, tcpPair } from '../pair.ts'

guardLeaks()

function closeAll(...sockets: readonly Socket[]): void {
  for (const each of sockets) each.close()
}

describe('an entry of a selector', () => {
  test('is a key with the object, its number, events and data', () => {
    const [left, right] = socketpair()
    using selector = new DefaultSelector<string>()
    const key = selector.register(left, EVENT_READ, 'data')
    expect(key).toEqual({ fileobj: left, fd: left.fileno(), events: EVENT_READ, data: 'data' })
    expect(selector.getKey(left)).toBe(key)
    expect(selector.getKey(left.fileno())).toBe(key)
    expect(() => selector.getKey(right)).toThrow(KeyError)
    expect(() => selector.getKey(999_999)).toThrow(KeyError)
    closeAll(left, right)
  })

  test('is refused for other events, closed sockets and invalid file objects', () => {
    const [left, right] = socketpair()
    using selector = new DefaultSelector()
    for (const events of [0, 4, 999_999, 1.5, -1]) expect(() => selector.register(left, events)).toThrow(RangeError)
    expect(() => selector.register(left, 'read' as unknown as number)).toThrow(TypeError)
    expect(() => selector.register(-10, EVENT_READ)).toThrow(RangeError)
    expect(() => selector.register({} as never, EVENT_READ)).toThrow(RangeError)
    expect(() => selector.register({ fileno: () => -1 }, EVENT_READ)).toThrow(RangeError)
    expect(() => selector.register(right.fileno() + 999_999, EVENT_READ)).toThrow(
      expect.objectContaining({ code: 'EBADF' }),
    )
    closeAll(left, right)
    expect(() => selector.register(left, EVENT_READ)).toThrow(RangeError)
    expect(selector.getMap().size).toBe(0)
  })

  test('is unique, by object and by number', () => {
    const [left, right] = socketpair()
    using selector = new DefaultSelector()
    selector.register(left, EVENT_READ)
    expect(() => selector.register(left, EVENT_READ)).toThrow(KeyError)
    expect(() => selector.register(left.fileno(), EVENT_READ)).toThrow(KeyError)
    selector.unregister(left)
    expect(() => selector.unregister(left)).toThrow(KeyError)
    expect(() => selector.modify(left, EVENT_READ)).toThrow(KeyError)
    closeAll(left, right)
  })

  test('is changed by modify', () => {
    const [left, right] = socketpair()
    using selector = new DefaultSelector<object | undefined>()
    const key = selector.register(left, EVENT_READ)
    const changed = selector.modify(left, EVENT_WRITE)
    expect(changed.events).toBe(EVENT_WRITE)
    expect(changed).not.toBe(key)
    expect(selector.getKey(left)).toBe(changed)
    const data = {}
    expect(selector.modify(left, EVENT_WRITE, data).data).toBe(data)
    expect(() => selector.modify(left, 0)).toThrow(RangeError)
    expect(selector.getKey(left).data).toBe(data)
    closeAll(left, right)
  })

  test('goes away with close, an operation that completes immediately', () =>
    run(function* () {
      const selector = new DefaultSelector()
      expect(yield* selector.close()).toBeUndefined()
      expect(yield* selector.close()).toBeUndefined()
      expect(() => selector.select()).toThrow('closed')
    }))

  test('can be unregistered after its socket has been closed', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      using selector = new DefaultSelector()
      selector.register(left, EVENT_READ)
      selector.register(right, EVENT_READ | EVENT_WRITE)
      closeAll(left, right)
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      expect(selector.unregister(left).fileobj).toBe(left)
      expect(selector.unregister(right).fileobj).toBe(right)
      expect(selector.getMap().size).toBe(0)
      // A closed socket no longer has a number by which it could be found.
      expect(() => selector.unregister(left)).toThrow(RangeError)
      expect(() => selector.modify(left, EVENT_READ)).toThrow(RangeError)
      expect(() => selector.getKey(-1)).toThrow(RangeError)
    }))

  test('is visible in a read-only map', () => {
    const [left, right] = socketpair()
    using selector = new DefaultSelector<string>()
    const map = selector.getMap()
    expect(map.size).toBe(0)
    expect([...map]).toEqual([])
    const key = selector.register(left, EVENT_READ, 'data')
    expect(map.has(left)).toBe(true)
    expect(map.has(left.fileno())).toBe(true)
    expect(map.has(right)).toBe(false)
    expect(map.get(left)).toBe(key)
    expect(() => map.get(right)).toThrow(KeyError)
    expect([...map.keys()]).toEqual([left.fileno()])
    expect([...map.values()]).toEqual([key])
    expect([...map]).toEqual([[left.fileno(), key]])
    const visited: unknown[] = []
    map.forEach((...visit) => {
      visited.push(visit)
    })
    expect(visited).toEqual([[key, left.fileno(), map]])
    expect('set' in map || 'delete' in map || 'clear' in map).toBe(false)
    closeAll(left, right)
  })

  test('is gone after close', () => {
    const [left, right] = socketpair()
    const selector = new DefaultSelector()
    const map = selector.getMap()
    selector.register(left, EVENT_READ)
    selector.close()
    selector.close()
    expect(() => selector.getKey(left)).toThrow('Selector is closed')
    expect(() => selector.register(right, EVENT_READ)).toThrow('Selector is closed')
    expect(() => selector.unregister(left)).toThrow('Selector is closed')
    expect(() => selector.select()).toThrow('Selector is closed')
    expect(() => map.get(left)).toThrow(KeyError)
    expect(map.has(left)).toBe(false)
    expect(left.closed).toBe(false)
    closeAll(left, right)
  })
})

describe.each(PAIRS)('selecting on a connected pair %s', (_name, makePair) => {
  test('finds exactly what is ready for the requested events', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      using selector = new DefaultSelector()
      selector.register(left, EVENT_READ)
      const writing = selector.register(right, EVENT_WRITE)
      expect(yield* selector.select()).toEqual([[writing, EVENT_WRITE]])
      yield* right.sendall('x')
      selector.unregister(right)
      expect(yield* selector.select()).toEqual([[selector.getKey(left), EVENT_READ]])
      selector.modify(left, EVENT_READ | EVENT_WRITE)
      expect(yield* selector.select()).toEqual([[selector.getKey(left), EVENT_READ | EVENT_WRITE]])
      closeAll(left, right)
    }))

  test('polls with a timeout of 0 or less, and gives up after a longer one', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      using selector = new DefaultSelector()
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      selector.register(left, EVENT_READ)
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      expect(yield* selector.select({ timeout: -1 })).toEqual([])
      const started = performance.now()
      expect(yield* selector.select(20)).toEqual([])
      const took = performance.now() - started
      expect(took).toBeGreaterThan(12)
      expect(took).toBeLessThan(2_000)
      closeAll(left, right)
    }))

  test('finds that the peer has ended', () =>
    run(function* () {
      const [left, right] = yield* makePair()
      using selector = new DefaultSelector()
      const key = selector.register(left, EVENT_READ)
      const waiting = spawn(() => selector.select())
      yield* sleep(0)
      right.close()
      expect(yield* waiting).toEqual([[key, EVENT_READ]])
      left.close()
    }))
})

describe('a selector that is called repeatedly', () => {
  test('reports a socket for as long as it is ready, whoever reads from it', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      using selector = new DefaultSelector()
      const key = selector.register(left, EVENT_READ)
      yield* right.sendall('abc')
      for (let round = 0; round < 20; round += 1) expect(yield* selector.select()).toEqual([[key, EVENT_READ]])
      yield* left.recv(2)
      expect(yield* selector.select({ timeout: 0 })).toEqual([[key, EVENT_READ]])
      yield* left.recv(1)
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      yield* right.sendall('d')
      expect(yield* selector.select()).toEqual([[key, EVENT_READ]])
      closeAll(left, right)
    }))

  test('notices a change of events immediately', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      using selector = new DefaultSelector()
      selector.register(left, EVENT_READ)
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      const writing = selector.modify(left, EVENT_WRITE)
      expect(yield* selector.select({ timeout: 0 })).toEqual([[writing, EVENT_WRITE]])
      yield* right.sendall('x')
      yield* sleep(5)
      const both = selector.modify(left, EVENT_READ | EVENT_WRITE)
      expect(yield* selector.select({ timeout: 0 })).toEqual([[both, EVENT_READ | EVENT_WRITE]])
      selector.unregister(left)
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      const again = selector.register(left, EVENT_READ)
      expect(yield* selector.select({ timeout: 0 })).toEqual([[again, EVENT_READ]])
      closeAll(left, right)
    }))

  test('shares its sockets with other selectors', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      using one = new DefaultSelector()
      using other = new DefaultSelector()
      const keys = [one.register(left, EVENT_READ), other.register(left, EVENT_READ)]
      const poller = poll()
      poller.register(left, POLLIN)
      expect(yield* one.select({ timeout: 0 })).toEqual([])
      yield* right.sendall('x')
      expect(yield* one.select()).toEqual([[keys[0], EVENT_READ]])
      expect(yield* other.select()).toEqual([[keys[1], EVENT_READ]])
      one.unregister(left)
      expect(yield* other.select()).toEqual([[keys[1], EVENT_READ]])
      expect(yield* poller.poll()).toEqual([[left.fileno(), POLLIN]])
      expect((yield* select([left], [], []))[0]).toEqual([left])
      yield* left.recv(1)
      expect(yield* other.select({ timeout: 0 })).toEqual([])
      closeAll(left, right)
    }))

  test('follows a socket through dup and detach', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      using selector = new DefaultSelector()
      const key = selector.register(left, EVENT_READ)
      const copy = left.dup()
      left.close()
      yield* right.sendall('x')
      expect(yield* selector.select()).toEqual([[key, EVENT_READ]])
      const taken = socket({ fileno: copy.detach() })
      yield* taken.recv(1)
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      right.close()
      expect(yield* selector.select()).toEqual([[key, EVENT_READ]])
      expect(() => selector.getKey(taken)).toThrow(KeyError)
      expect(selector.unregister(left)).toBe(key)
      taken.close()
    }))

  test('registers a socket and its copy separately', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      using selector = new DefaultSelector()
      using copy = left.dup()
      const reading = selector.register(left, EVENT_READ)
      const writing = selector.register(copy, EVENT_WRITE)
      expect(yield* selector.select()).toEqual([[writing, EVENT_WRITE]])
      yield* right.sendall('x')
      expect(selector.unregister(copy)).toBe(writing)
      expect(yield* selector.select()).toEqual([[reading, EVENT_READ]])
      closeAll(left, right)
    }))

  test('finds connections and datagrams as they arrive', () =>
    run(function* () {
      using server = yield* listener()
      using datagrams = socket(AF_INET, SOCK_DGRAM)
      yield* datagrams.bind(['127.0.0.1', 0])
      using selector = new DefaultSelector()
      const accepting = selector.register(server, EVENT_READ)
      const receiving = selector.register(datagrams, EVENT_READ)
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      using client = socket()
      yield* client.connect(server.getsockname())
      expect(yield* selector.select()).toEqual([[accepting, EVENT_READ]])
      using accepted = (yield* server.accept())[0]
      expect(accepted.closed).toBe(false)
      yield* datagrams.sendto('x', datagrams.getsockname())
      expect(yield* selector.select()).toEqual([[receiving, EVENT_READ]])
      yield* datagrams.recv(1)
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
    }))

  test('finds a connection that arrived before its socket was listening', () =>
    run(function* () {
      const server = socket()
      yield* server.bind(['127.0.0.1', 0])
      using selector = new DefaultSelector()
      const key = selector.register(server, EVENT_READ)
      const client = socket()
      client.setblocking(false)
      // With Node 20 and 22 a bound socket already listens, so that this connects.
      yield* client.connectEx(server.getsockname())
      const [, [connected]] = yield* select([], [client], [])
      const isEarly = connected!.getsockopt(SOL_SOCKET, SO_ERROR) === 0
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      yield* server.listen()
      if (!isEarly) yield* client.connectEx(server.getsockname())
      expect(yield* selector.select()).toEqual([[key, EVENT_READ]])
      closeAll(client, server)
    }))

  test('finds input on a socket that was not yet connected when it was registered', () =>
    run(function* () {
      const server = yield* listener()
      const client = socket()
      client.setblocking(false)
      using selector = new DefaultSelector()
      const key = selector.register(client, EVENT_READ)
      expect(yield* client.connectEx(server.getsockname())).toBe(115)
      const selecting = spawn(() => selector.select())
      const [accepted] = yield* server.accept()
      yield* accepted.sendall('x')
      expect(yield* selecting).toEqual([[key, EVENT_READ]])
      closeAll(client, accepted, server)
    }))

  test('is not kept alive by its sockets once it is unreachable', async () => {
    const [left, right] = socketpair()
    const lost = (() => {
      const selector: DefaultSelector<() => unknown> = new DefaultSelector()
      selector.register(left, EVENT_READ, () => selector)
      const poller = poll()
      poller.register(left, POLLIN)
      return [new WeakRef(selector), new WeakRef(poller)]
    })()
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    for (let round = 0; round < 50 && lost.some((each) => each.deref() !== undefined); round += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      collect()
    }
    expect(lost.map((each) => each.deref())).toEqual([undefined, undefined])
    closeAll(left, right)
  })
})

describe('a selector that is waited on', () => {
  test('notices what is registered, changed and unregistered during the wait', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const [near, far] = socketpair()
      using selector = new DefaultSelector()
      selector.register(near, EVENT_READ)
      const registered = spawn(() => selector.select({ timeout: 5_000 }))
      yield* sleep(0)
      const key = selector.register(left, EVENT_READ)
      yield* right.sendall('x')
      expect(yield* registered).toEqual([[key, EVENT_READ]])
      selector.unregister(left)
      const changed = spawn(() => selector.select())
      yield* sleep(0)
      selector.modify(near, EVENT_WRITE)
      expect(yield* changed).toEqual([[selector.getKey(near), EVENT_WRITE]])
      selector.modify(near, EVENT_READ)
      const takenOut = spawn(() => selector.select({ timeout: 20 }))
      yield* sleep(0)
      selector.unregister(near)
      yield* far.sendall('x')
      expect(yield* takenOut).toEqual([])
      closeAll(left, right, near, far)
    }))

  test('immediately notices a socket that is already ready when it is registered', () =>
    run(function* () {
      const [near, far] = socketpair()
      using selector = new DefaultSelector()
      selector.register(near, EVENT_READ)
      const selecting = spawn(() => selector.select())
      yield* sleep(0)
      const key = selector.register(far, EVENT_WRITE)
      expect(yield* selecting).toEqual([[key, EVENT_WRITE]])
      closeAll(near, far)
    }))

  test('counts as an external wait from the moment an external socket is registered', () =>
    run(function* () {
      const [near, far] = socketpair()
      const [left, right] = yield* tcpPair()
      using selector = new DefaultSelector()
      selector.register(near, EVENT_READ)
      const check = watchLeaks({ handles: false })
      const selecting = spawn(() => selector.select())
      yield* sleep(0)
      expect(check.find().waits).toBe(0)
      for (const each of [left, right]) {
        selector.register(each, EVENT_READ)
        expect(check.find().waits).toBe(1)
      }
      yield* far.sendall('x')
      expect(yield* selecting).toEqual([[selector.getKey(near), EVENT_READ]])
      expect(check.find().waits).toBe(0)
      closeAll(near, far, left, right)
    }))

  test('keeps its timeout when another socket is registered during the wait', () =>
    run(function* () {
      const [near, far] = socketpair()
      const [left, right] = yield* tcpPair()
      const order: string[] = []
      using selector = new DefaultSelector()
      selector.register(near, EVENT_READ)
      const selecting = spawn(function* () {
        expect(yield* selector.select({ timeout: 60 })).toEqual([])
        order.push('select')
      })
      yield* sleep(50)
      selector.register(left, EVENT_READ)
      yield* sleep(40)
      order.push('sleep')
      yield* selecting
      expect(order).toEqual(['select', 'sleep'])
      closeAll(near, far, left, right)
    }))

  test('keeps the deadline of a Timeout too', () =>
    run(function* () {
      const [near, far] = socketpair()
      const [left, right] = yield* tcpPair()
      using clock = useVirtualClock()
      using selector = new DefaultSelector()
      selector.register(near, EVENT_READ)
      const selecting = spawn(() => selector.select({ timeout: new Timeout(60) }))
      yield* clock.advance(50)
      selector.register(left, EVENT_READ)
      yield* clock.advance(9)
      expect(selecting.ready()).toBe(false)
      yield* clock.advance(1)
      expect(selecting.value).toEqual([])
      closeAll(near, far, left, right)
    }))

  test('removes its listeners from a stream that is unregistered during the wait', () =>
    run(function* () {
      const [near, far] = socketpair()
      const stream = new PassThrough()
      using selector = new DefaultSelector()
      const key = selector.register(near, EVENT_READ)
      selector.register(stream, EVENT_READ)
      const selecting = spawn(() => selector.select())
      yield* sleep(0)
      expect(stream.listenerCount('readable')).toBe(1)
      selector.unregister(stream)
      expect(stream.listenerCount('readable')).toBe(0)
      yield* far.sendall('x')
      expect(yield* selecting).toEqual([[key, EVENT_READ]])
      closeAll(near, far)
    }))

  test('starts no wait once it is closed, even by `using`', () =>
    run(function* () {
      let selecting: Operation<unknown> | undefined
      {
        using selector = new DefaultSelector()
        selecting = selector.select()
      }
      expect(yield* failure(selecting)).toMatchObject({ message: 'Selector is closed' })
    }))

  test('wakes every waiting greenlet, with an error when it is closed', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const selector = new DefaultSelector()
      const key = selector.register(left, EVENT_READ)
      const both = [spawn(() => selector.select()), spawn(() => selector.select())]
      yield* sleep(0)
      yield* right.sendall('x')
      for (const each of both) expect(yield* each).toEqual([[key, EVENT_READ]])
      yield* left.recv(1)
      const waiting = spawn(() => selector.select())
      yield* sleep(0)
      selector.close()
      expect(yield* failure(waiting.get())).toMatchObject({ message: 'Selector is closed' })
      closeAll(left, right)
    }))

  test('stops waiting on a kill and on an error thrown into it', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      using selector = new DefaultSelector()
      const key = selector.register(left, EVENT_READ)
      const waiting = spawn(() => selector.select({ timeout: 30_000 }))
      yield* sleep(0)
      yield* waiting.kill(new Error('stop it'))
      expect(waiting.exception).toMatchObject({ message: 'stop it' })
      yield* right.sendall('x')
      expect(yield* selector.select()).toEqual([[key, EVENT_READ]])
      closeAll(left, right)
    }))

  test('counts as a deadlock if it waits on nothing or on in-memory pairs only', async () => {
    using selector = new DefaultSelector()
    await expect(Promise.resolve(selector.select())).rejects.toThrow(LoopExit)
  })

  test('serves several clients of an echo server', () =>
    run(function* () {
      const server = yield* listener()
      using selector = new DefaultSelector<() => Coroutine<void>>()
      const acceptOne = function* (): Coroutine<void> {
        const [client] = yield* server.accept()
        client.setblocking(false)
        selector.register(client, EVENT_READ, () => echo(client))
      }
      const echo = function* (client: Socket): Coroutine<void> {
        const data = yield* client.recv(1_000)
        if (data.length > 0) yield* client.sendall(data)
        else closeAll(selector.unregister(client).fileobj as Socket)
      }
      selector.register(server, EVENT_READ, acceptOne)
      const serving = spawn(function* (): Coroutine<void> {
        for (;;) for (const [key] of yield* selector.select()) yield* key.data()
      })
      const clients = Array.from({ length: 10 }, (_, index) =>
        spawn(function* () {
          const client = socket()
          yield* client.connect(server.getsockname())
          for (let round = 0; round < 5; round += 1) {
            yield* client.sendall(`${index}/${round}`)
            expect(String(yield* client.recv(100))).toBe(`${index}/${round}`)
          }
          client.close()
        }),
      )
      for (const client of clients) yield* client.get()
      while (selector.getMap().size > 1) yield* sleep(1)
      yield* serving.kill()
      server.close()
    }))
})

test('the time to find one ready socket does not grow with the number of registered ones', () => {
  const selector = new DefaultSelector<number>()
  const pairs = Array.from({ length: 10_000 }, () => socketpair())
  const before = process.cpuUsage()
  for (const [socket] of pairs) selector.register(socket, EVENT_READ, 0)
  for (let round = 1; round <= 5; round += 1) {
    for (const [socket] of pairs) selector.modify(socket, EVENT_READ, round)
  }
  const found = pairs.map(([socket]) => selector.unregister(socket).data)
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(3_000)
  expect(new Set(found)).toEqual(new Set([5]))
  selector.close()
  for (const ends of pairs) for (const end of ends) end.close()
})

test('the selector has the names of all of its kinds', () => {
  for (const Selector of [EpollSelector, GeventSelector, PollSelector, SelectSelector]) {
    using selector = new Selector()
    expect(selector).toBeInstanceOf(BaseSelector)
  }
})
