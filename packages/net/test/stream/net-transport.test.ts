import { nextTick } from 'node:process'
import { fromCallback, sleep, spawn } from '@greenlit/core'
import { SHUT_WR, socketpair } from '@greenlit/net'
import { expect, test } from 'vitest'
import type { NetTransport } from '../../src/stream/net-transport.ts'
import { guardLeaks } from '../guard.ts'
import { failure, loopTurns, run, tcpPair } from '../pair.ts'
import { clientContext, secure, serverContext } from '../tls/wrap.ts'

guardLeaks()

// Without special care Node's reset fails here and leaks a handle that keeps the process from exiting; the guard would see it.
test('closing a socket with unread bytes right after shutting down sending leaks no handle', () =>
  run(function* () {
    const [client, accepted] = yield* tcpPair()
    yield* client.sendall('never read to the end')
    yield* accepted.recv(1)
    accepted.shutdown(SHUT_WR)
    yield* accepted.close()
    expect((yield* client.recv(1)).length).toBe(0)
    client.close()
  }))

test('a failure to flush autoCork is reported by the next call, also by a receiving one', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    left.autoCork = true
    yield* right.close()
    yield* loopTurns()
    // The event loop does not turn in between, so that Node cannot see the reset that the first one causes.
    for (const piece of ['taken', 'refused']) {
      yield* left.sendall(piece)
      yield* fromCallback((resume) => nextTick(resume))
    }
    expect(yield* failure(left.recv(1))).toMatchObject({ code: 'EPIPE' })
    expect((yield* left.recv(1)).length).toBe(0)
    left.close()
  }))

test('a failure reported by a receiving call is not reported again for data collected by autoCork', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    left.autoCork = true
    const receiving = spawn(() => failure(left.recv(1)))
    yield* sleep(0)
    const { netSocket } = left.connected('ENOTCONN') as NetTransport
    netSocket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }))
    yield* left.sendall('collected')
    expect(yield* receiving).toMatchObject({ code: 'ECONNRESET' })
    yield* loopTurns()
    expect((yield* left.recv(1)).length).toBe(0)
    left.close()
    right.close()
  }))

test('what Node holds back from a slow reader is received once if the other end closes', () =>
  run(function* () {
    const [left, right] = yield* secure(clientContext(), serverContext(), 'localhost', function* () {
      return socketpair()
    })
    const receiving = spawn(() => right.recv(1))
    const { netSocket } = right.connected('ENOTCONN') as NetTransport
    let sent = 0
    while (netSocket.readableLength === 0) {
      sent += yield* left.send(Buffer.alloc(10_000))
      yield* loopTurns()
    }
    left.close()
    yield* loopTurns()
    yield* receiving
    expect((yield* right.makefile('rb').read()).length).toBe(sent - 1)
    right.close()
  }))
