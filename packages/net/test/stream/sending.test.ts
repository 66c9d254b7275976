import { attempt, GreenletExit, sleep, spawn } from '@greenlit/core'
import { socketpair } from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, run } from '../pair.ts'

guardLeaks()

const PIECE = Buffer.alloc(64 * 1024, 'a')

test('a blocked send killed just before there is room sends nothing', () =>
  run(function* () {
    const [left, right] = socketpair()
    left.setblocking(false)
    let sent = 0
    while ((yield* attempt(left.send(PIECE))).ok) sent += PIECE.length
    left.setblocking(true)
    const sending = spawn(() => left.send('late'))
    yield* sleep(0)
    sending.kill()
    sent -= (yield* right.recvExact(sent)).length
    yield* sending.join()
    expect(sending.value).toBeInstanceOf(GreenletExit)
    left.close()
    expect([sent, String(yield* right.recv(10))]).toEqual([0, ''])
    right.close()
  }))

test('a blocked send fails if the socket is closed before it has sent', () =>
  run(function* () {
    const [left, right] = socketpair()
    left.setblocking(false)
    let sent = 0
    while ((yield* attempt(left.send(PIECE))).ok) sent += PIECE.length
    left.setblocking(true)
    const sending = spawn(() => left.send('late'))
    yield* sleep(0)
    yield* right.recvExact(sent)
    left.close()
    expect(yield* failure(sending.get())).toMatchObject({ code: 'EBADF' })
    expect(String(yield* right.recv(10))).toBe('')
    right.close()
  }))
