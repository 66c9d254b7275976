import { Event, sleep, spawn } from '@greenlit/core'
import { BaseRequestHandler, createConnection, type Socket, ThreadPoolTCPServer } from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, loopTurns, run } from '../pair.ts'
import { exchange, served } from './serving.ts'

guardLeaks()

class PoolServer extends ThreadPoolTCPServer {
  override maxWorkers = 2
}

test('serves at most maxWorkers requests at a time, and eventually all of them', () =>
  run(function* () {
    let running = 0
    let most = 0
    class Slow extends BaseRequestHandler {
      override *handle() {
        running += 1
        most = Math.max(most, running)
        yield* sleep(5)
        running -= 1
        yield* this.request.sendall('done')
      }
    }
    yield* served(new PoolServer(['127.0.0.1', 0], Slow), function* (address) {
      const clients = Array.from({ length: 7 }, () => spawn(exchange, address, ''))
      for (const client of clients) expect(yield* client).toBe('done')
    })
    expect(most).toBe(2)
  }))

test('shuts down while all workers are busy, and leaves the rest unaccepted', () =>
  run(function* () {
    const release = new Event()
    let begun = 0
    class Held extends BaseRequestHandler {
      override *handle() {
        begun += 1
        yield* release.wait()
      }
    }
    const server = yield* new PoolServer(['127.0.0.1', 0], Held).activate()
    const loop = spawn(() => server.serveForever({ pollInterval: 60_000 }))
    const clients: Socket[] = []
    for (let count = 0; count < 3; count += 1) clients.push(yield* createConnection(server.serverAddress))
    while (begun < 2) yield* sleep(1)
    yield* server.shutdown()
    yield* loop
    expect(server.runningThreads).toBe(2)
    expect(begun).toBe(2)
    release.set()
    yield* server.serverClose()
    for (const client of clients) client.close()
  }))

test('ends its loop when it is closed while all workers are busy', () =>
  run(function* () {
    const begun = new Event()
    const release = new Event()
    class Held extends BaseRequestHandler {
      override *handle() {
        begun.set()
        yield* release.wait()
      }
    }
    class One extends ThreadPoolTCPServer {
      override maxWorkers = 1
    }
    const server = yield* new One(['127.0.0.1', 0], Held).activate()
    const loop = spawn(() => server.serveForever({ pollInterval: 60_000 }))
    using client = yield* createConnection(server.serverAddress)
    yield* begun.wait()
    const closing = spawn(() => server.serverClose())
    yield* sleep(0)
    release.set()
    yield* closing
    yield* loop
    expect((yield* client.recv(1)).length).toBe(0)
  }))

test('lets handleRequest wait for a worker', () =>
  run(function* () {
    const release = new Event()
    class Held extends BaseRequestHandler {
      override *handle() {
        yield* release.wait()
      }
    }
    class One extends ThreadPoolTCPServer {
      override maxWorkers = 1
    }
    const server = yield* new One(['127.0.0.1', 0], Held).activate()
    using first = yield* createConnection(server.serverAddress)
    using second = yield* createConnection(server.serverAddress)
    yield* server.handleRequest()
    const next = spawn(() => server.handleRequest())
    yield* loopTurns()
    expect(next.ready()).toBe(false)
    release.set()
    yield* next
    yield* server.serverClose()
    expect((yield* first.recv(1)).length + (yield* second.recv(1)).length).toBe(0)
  }))

test('has 32 workers by default, and refuses an invalid number', () =>
  run(function* () {
    using server = new ThreadPoolTCPServer(['127.0.0.1', 0], BaseRequestHandler)
    expect(server.maxWorkers).toBe(32)
    server.maxWorkers = 0
    expect((yield* failure(server.serveForever())).message).toMatch(/maxWorkers/)
  }))
