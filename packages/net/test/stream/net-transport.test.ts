import { nextTick } from 'node:process'
import { fromCallback, sleep, spawn } from '@greenlit/core'
import { SHUT_WR } from '@greenlit/net'
import { expect, test } from 'vitest'
import type { NetTransport } from '../../src/stream/net-transport.ts'
import { guardLeaks } from '../guard.ts'
import { failure, loopTurns, run, tcpPair } from '../pair.ts'

guardLeaks()

// Without care Node's reset fails here and leaves a handle that keeps the process from ever exiting; the guard would see it.
test('a socket with unread bytes that is closed right after the end of sending leaves no handle', () =>
  run(function* () {
    const [client, accepted] = yield* tcpPair()
    yield* client.sendall('never read to the end')
    yield* accepted.recv(1)
    accepted.shutdown(SHUT_WR)
    yield* accepted.close()
    expect((yield* client.recv(1)).length).toBe(0)
    client.close()
  }))

test('a failure to send what autoCork has collected is told to the next call, also to one that receives', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    left.autoCork = true
    yield* right.close()
    yield* loopTurns()
    // No turn of Node's loop lies between, in which it could see the reset that answers the first.
    for (const piece of ['taken', 'refused']) {
      yield* left.sendall(piece)
      yield* fromCallback((resume) => nextTick(resume))
    }
    expect(yield* failure(left.recv(1))).toMatchObject({ code: 'EPIPE' })
    expect((yield* left.recv(1)).length).toBe(0)
    left.close()
  }))

test('a failure that a receiver was told of is not told again for what autoCork has collected', () =>
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
