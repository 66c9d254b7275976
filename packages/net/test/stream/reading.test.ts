import { GreenletExit, sleep, spawn } from '@greenlit/core'
import { socketpair, TimeoutError } from '@greenlit/net'
import { expect, test } from 'vitest'
import type { Reading } from '../../src/stream/reading.ts'
import { guardLeaks } from '../guard.ts'
import { failure, run, tcpPair } from '../pair.ts'

guardLeaks()

test('a read returns what arrived just before its timeout', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    const transport = right.connected('ENOTCONN')
    for (const piece of ['x', '']) {
      const reading = spawn(() => right.recv(10, { timeout: 5_000 }))
      yield* sleep(0)
      const waiting = transport.reader as Reading<Buffer>
      if (piece !== '') transport.received(Buffer.from(piece))
      waiting.giveUp()
      if (piece !== '') expect(String(yield* reading)).toBe(piece)
      else expect(yield* failure(reading.get())).toBeInstanceOf(TimeoutError)
    }
    expect(transport.inbox.length).toBe(0)
    left.close()
    right.close()
  }))

test('what a killed read puts back goes to the read that started in the meantime', () =>
  run(function* () {
    const [left, right] = socketpair()
    for (let times = 0; times < 3; times += 1) {
      const killed = spawn(() => right.recv(10))
      yield* sleep(0)
      killed.kill()
      yield* left.sendall(`x${times}`)
      expect(String(yield* right.recvExact(2))).toBe(`x${times}`)
    }
    left.close()
    right.close()
  }))

test('an exact read killed just before the stream ends leaves what has arrived', () =>
  run(function* () {
    const [left, right] = socketpair()
    const reading = spawn(() => right.recvExact(5))
    yield* sleep(0)
    yield* left.sendall('ab')
    reading.kill()
    left.close()
    yield* reading.join()
    expect(reading.value).toBeInstanceOf(GreenletExit)
    expect(String(yield* right.recv(10))).toBe('ab')
    right.close()
  }))
