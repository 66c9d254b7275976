import { SHUT_WR } from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { run, tcpPair } from '../pair.ts'

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
