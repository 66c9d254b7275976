import { EOFError, Pipe } from '@greenlit/process'
import { expect, test } from 'vitest'
import { type Payload, pack, packRaw } from '../../src/codec/payload.ts'
import { PipeEnd } from '../../src/connection/pipe-end.ts'
import type { Asker } from '../../src/tree/owned-object.ts'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()

/** Two ends, of processes `a` and `b`; `told` collects the outcomes of their calls, in order. */
function pipe() {
  const heard: string[] = []
  const ends = { a: new PipeEnd('a'), b: new PipeEnd('b') }
  ends.a.connect(ends.b)
  const ask = (end: 'a' | 'b', name: string, method: string, args: unknown[] = [], text = '', takes = true): Asker => {
    const asker: Asker = {
      node: name[0]!,
      answer: (value, payload) => {
        heard.push(`${name}: ${payload?.text?.slice(0, 9) ?? value}`)
        return takes
      },
      fail: (error) => heard.push(`${name}: ${(error as Error).message}`) > 0,
    }
    ends[end].ask(asker, method, args, method === 'send' ? { text } : undefined)
    return asker
  }
  return { ...ends, ask, told: () => heard.splice(0) }
}

const GONE = 'The other end of the pipe is closed'
const BROKEN = '[Errno 32] Broken pipe'
const LARGE = 'x'.repeat(40_000)

test('an end is closed once every process that holds it has closed it, however often it was sent there', () => {
  const { ask, told } = pipe()
  ask('a', 'a', 'share', ['c', null])
  ask('a', 'a', 'share', ['c', null])
  ask('a', 'a', 'share', ['d', null])
  ask('a', 'a', 'close')
  ask('a', 'c', 'recall', ['c', null])
  ask('a', 'd', 'recall', ['d', null])
  told()
  ask('b', 'b', 'untilPeerClosed')
  ask('b', 'b polls', 'poll', [true])
  ask('b', 'b looks', 'poll', [false])
  ask('b', 'b reads', 'recv')
  expect(told()).toEqual(['b looks: false'])
  ask('a', 'c', 'recall', ['c', null])
  expect(told()).toEqual(['b: undefined', 'b polls: true', `b reads: ${GONE}`, 'c: undefined'])
  ask('b', 'b', 'untilPeerClosed')
  ask('b', 'b looks', 'poll', [false])
  ask('b', 'b reads', 'recv')
  ask('b', 'b writes', 'send', [false])
  expect(told()).toEqual(['b: undefined', 'b looks: true', `b reads: ${GONE}`, `b writes: ${BROKEN}`])
})

test('an end in transit is open until its receiver has closed it or has ended', () => {
  for (const end of ['close', 'forget', 'recall'] as const) {
    const { a, ask, told } = pipe()
    ask('a', 'a', 'share', [null, 'parcel'])
    ask('a', 'a', 'close')
    a.forget((node) => node === 'c')
    if (end !== 'recall') ask('a', 'c', 'arrived', [null, 'parcel'])
    ask('a', 'd', 'recall', [null, 'another parcel'])
    ask('b', 'b', 'recv')
    expect(told()).not.toContain(`b: ${GONE}`)
    if (end === 'forget') a.forget((node) => node === 'c')
    else ask('a', 'c', end, [null, 'parcel'])
    expect(told()).toContain(`b: ${GONE}`)
  }
})

test('messages go to the receivers that have waited longest and not given up, and wait for the next ones', () => {
  const { b, ask, told } = pipe()
  const left = ['recv', 'poll'].map((method) => ask('b', 'left', method, [true]))
  ask('b', 'b1', 'recv')
  ask('b', 'b2', 'recv')
  ask('b', 'b3', 'poll', [true])
  for (const asker of left) b.leave(asker)
  for (const text of ['one', 'two', 'three']) ask('a', 'a', 'send', [false], text)
  expect(told()).toEqual(['b1: one', 'a: undefined', 'b2: two', 'a: undefined', 'a: undefined', 'b3: true'])
  ask('b', 'b4', 'poll', [false])
  ask('b', 'b5', 'recv')
  ask('b', 'b6', 'poll', [false])
  expect(told()).toEqual(['b4: true', 'b5: three', 'b6: false'])
})

test('a message that its receiver no longer accepts goes to the next receiver', () => {
  const { ask, told } = pipe()
  ask('b', 'killed', 'recv', [], '', false)
  ask('b', 'b1', 'recv')
  ask('a', 'a', 'send', [false], 'one')
  ask('a', 'a', 'send', [false], 'two')
  ask('b', 'killed', 'recv', [], '', false)
  ask('b', 'b2', 'recv')
  expect(told()).toEqual(['killed: one', 'a: undefined', 'b1: one', 'a: undefined', 'killed: two', 'b2: two'])
})

test('senders wait for room in order, and one that gives up makes room for those behind it', () => {
  const { a, b, ask, told } = pipe()
  ask('a', 'a1', 'send', [false], `1${LARGE}`)
  const first = ask('a', 'a2', 'send', [false], `2${LARGE}`)
  ask('a', 'a3', 'send', [false], '3')
  expect(told()).toEqual(['a1: undefined'])
  a.leave(first)
  expect(told()).toEqual(['a3: undefined'])
  ask('a', 'a4', 'send', [false], `4${LARGE}`)
  ask('a', 'killed', 'send', [false], '5', false)
  ask('a', 'a6', 'send', [false], `6${LARGE}`)
  expect(told()).toEqual([])
  for (const name of ['b1', 'b2', 'b3', 'b4']) ask('b', name, 'recv')
  const large = (text: string) => `${text}xxxxxxxx`
  expect(told()).toEqual([
    `b1: ${large('1')}`,
    'a4: undefined',
    'killed: undefined',
    'b2: 3',
    `b3: ${large('4')}`,
    'a6: undefined',
    `b4: ${large('6')}`,
  ])
  // A message that is put back takes up room again.
  b.undo('b', 'poll', true, undefined, 1)
  b.undo('b', 'recv', false, { text: LARGE }, 1)
  ask('a', 'a7', 'send', [false], LARGE)
  expect(told()).toEqual([])
  ask('b', 'b5', 'recv')
  expect(told()).toEqual([`b5: ${'x'.repeat(9)}`, 'a7: undefined'])
  ask('b', 'b6', 'recv')
  ask('b', 'b7', 'recv')
  told()
  b.undo('b', 'recv', false, { text: 'back' }, 2)
  expect(told()).toEqual(['b7: back'])
})

test('a closed end fails the receivers of its process and all senders waiting for room', () => {
  const { a, ask, told } = pipe()
  ask('b', 'b', 'share', ['c', null])
  ask('b', 'b', 'share', ['d', null])
  ask('a', 'a0', 'send', [false], 'zero')
  ask('b', 'd', 'close')
  ask('b', 'c0', 'recv')
  expect(told().at(-1)).toBe('c0: zero')
  for (const name of ['b1', 'c1', 'b2']) ask('b', name, name === 'b2' ? 'poll' : 'recv', [true])
  ask('b', 'b', 'close')
  expect(told()).toEqual(['b1: handle is closed', 'b2: handle is closed', 'b: undefined'])
  ask('a', 'a1', 'send', [false], 'one')
  ask('a', 'a2', 'send', [false], LARGE)
  ask('a', 'a3', 'send', [false], LARGE)
  const left = ask('a', 'left', 'untilPeerClosed')
  ask('a', 'a4', 'untilPeerClosed')
  a.leave(left)
  told()
  ask('b', 'c', 'close')
  expect(told()).toEqual([`a3: ${BROKEN}`, 'a4: undefined', 'c: undefined'])
})

test('a closed end releases the pipe ends in unread, waiting and later messages', () =>
  run(function* () {
    const [a, b] = [new PipeEnd('a'), new PipeEnd('b')]
    a.connect(b)
    const nobody: Asker = { node: 'a', answer: () => true, fail: () => true }
    const send = (payload: Payload, raw = false) => a.ask(nobody, 'send', [raw], payload)
    const pipes = Array.from({ length: 4 }, () => Pipe())
    const [unread, waiting, late, returned] = pipes.map(([end]) => pack([end])) as [Payload, Payload, Payload, Payload]
    send(unread)
    send(packRaw(Buffer.alloc(10, 0xff)), true)
    send({ text: LARGE })
    send({ text: LARGE })
    send(waiting)
    b.ask({ ...nobody, node: 'b' }, 'close', [], undefined)
    send(late)
    b.undo('b', 'recv', false, returned, 1)
    b.undo('b', 'recv', true, packRaw(Buffer.alloc(10, 0xff)), 2)
    for (const [end, other] of pipes) {
      end.close()
      expect(yield* failure(other.recv({ timeout: 1000 }))).toBeInstanceOf(EOFError)
    }
  }))
