import type { Coroutine } from '@greenlit/core'
import { type BinaryFile, BlockingIOError, fromfd, OSError, type Socket, socket } from '@greenlit/net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, loopTurns, PAIRS, run } from '../pair.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 40

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('dup', 'fromfd', 'makefile', 'detach', 'adopt', 'close', 'close', 'close file', 'send'),
    /** Which of the sockets, files or numbers it concerns. */
    which: fc.nat(7),
  }),
  { maxLength: 25 },
)

type Step = typeof steps extends fc.Arbitrary<(infer T)[]> ? T : never

/** A socket of the connection with the files made from it. */
interface Share {
  readonly socket: Socket
  readonly files: BinaryFile[]
  detached: boolean
}

/** As in Python, a closed socket lives on while a file of it is open. */
function isAlive({ socket, files, detached }: Share): boolean {
  return !detached && (!socket.closed || files.some(({ closed }) => !closed))
}

/** A connection with all that keeps it open: sockets, files and numbers of detached sockets. */
class Connection {
  readonly shares: Share[] = []
  readonly detached: number[] = []
  sent = ''

  constructor(first: Socket) {
    this.add(first)
  }

  private add(socket: Socket): void {
    this.shares.push({ socket, files: [], detached: false })
  }

  get isOpen(): boolean {
    return this.detached.length > 0 || this.shares.some(isAlive)
  }

  *perform({ kind, which }: Step): Coroutine<void> {
    const share = this.shares[which % this.shares.length]!
    const { socket: used, files } = share
    if (kind === 'adopt') {
      const [fileno] = this.detached.splice(which, 1)
      if (fileno !== undefined) this.add(socket({ fileno }))
    } else if (kind === 'close') yield* used.close()
    else if (kind === 'close file') {
      if (files.length > 0) yield* files[which % files.length]!.close()
    } else if (isAlive(share)) yield* this.use(kind, share)
    else {
      expect(used.fileno()).toBe(-1)
      expect(() => used.dup()).toThrow(OSError)
      expect(yield* failure(used.sendall('x'))).toMatchObject({ code: 'EBADF' })
    }
  }

  private *use(kind: Step['kind'], share: Share): Coroutine<void> {
    const { socket: used, files } = share
    if (kind === 'dup') this.add(used.dup())
    else if (kind === 'fromfd') this.add(fromfd(used.fileno(), used.family, used.type))
    else if (kind === 'makefile') files.push(used.makefile('rb'))
    else if (kind === 'detach') {
      this.detached.push(used.detach())
      share.detached = true
    } else {
      const text = `message ${this.sent.length};`
      yield* used.sendall(text)
      this.sent += text
    }
  }

  *closeAll(): Coroutine<void> {
    for (const fileno of this.detached.splice(0)) this.add(socket({ fileno }))
    for (const { socket: each, files } of this.shares) for (const closing of [...files, each]) yield* closing.close()
  }
}

describe.each(PAIRS)('a connection %s', (_name, makePair) => {
  test(`stays open until its last socket, file and number is closed, in any order (seed ${seed})`, async () => {
    const check = (program: Step[]): Promise<void> =>
      run(function* () {
        const [left, right] = yield* makePair()
        const connection = new Connection(left)
        for (const step of program) if (connection.isOpen) yield* connection.perform(step)
        expect(String(yield* right.recvExact(connection.sent.length))).toBe(connection.sent)
        if (connection.isOpen) {
          yield* loopTurns()
          expect(yield* failure(right.recv(1, { timeout: 0 }))).toBeInstanceOf(BlockingIOError)
          yield* connection.closeAll()
        }
        expect(String(yield* right.recv(1))).toBe('')
        for (const { socket: each } of connection.shares) {
          expect(each.fileno()).toBe(-1)
          expect(() => each.getsockname()).toThrow(OSError)
        }
        right.close()
      })
    await fc.assert(fc.asyncProperty(steps, check), { seed, numRuns: RUNS })
  })
})
