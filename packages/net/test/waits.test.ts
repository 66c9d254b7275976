import { type Operation, spawn } from '@greenlit/core'
import { GreenletTree } from '@greenlit/core/observe'
import { AF_INET, DefaultSelector, EVENT_READ, POLLIN, poll, SOCK_DGRAM, select, socket, waitRead } from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from './guard.ts'
import { listener, loopTurns, PAIRS, run } from './pair.ts'

guardLeaks()

test.each(PAIRS)('a greenlet tree and a deadlock name the call that a greenlet waits in, %s', (_, makePair) =>
  run(function* () {
    const [left, right] = yield* makePair()
    const server = yield* listener()
    const datagrams = socket(AF_INET, SOCK_DGRAM)
    yield* datagrams.bind(['127.0.0.1', 0])
    const poller = poll()
    poller.register(left, POLLIN)
    using selector = new DefaultSelector()
    selector.register(left, EVENT_READ)
    const file = left.makefile('rb')
    const calls: [name: string, call: () => Operation<unknown>][] = [
      ['Socket.recv', () => left.recv(1)],
      ['Socket.recvInto', () => left.recvInto(new Uint8Array(1))],
      ['Socket.accept', () => server.accept()],
      ['Socket.recvfrom', () => datagrams.recvfrom(1)],
      ['select', () => select([left], [], [])],
      ['waitRead', () => waitRead(left)],
      ['Poll.poll', () => poller.poll()],
      ['DefaultSelector.select', () => selector.select()],
      ['file.read', () => file.read(1)],
      ['file.readline', () => file.readline()],
      ['file.peek', () => file.peek()],
    ]
    for (const [name, call] of calls) {
      const waiter = spawn(call)
      waiter.name = 'waiter'
      yield* loopTurns()
      const tree = GreenletTree.forest().map(String).join('\n')
      expect(/<Greenlet waiter>; (.*)/.exec(tree)?.[1]).toBe(`waits on ${name}`)
      yield* waiter.kill()
    }
    for (const open of [file, left, right, server, datagrams]) open.close()
  }),
)
