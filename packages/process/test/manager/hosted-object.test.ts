import { Event, sleep } from '@greenlit/core'
import { expect, test } from 'vitest'
import { decode, pack } from '../../src/codec/payload.ts'
import { FailedObject, HostedObject } from '../../src/manager/hosted-object.ts'
import type { Asker } from '../../src/tree/owned-object.ts'
import { guardLeaks, run } from '../guard.ts'

guardLeaks()

/** Calls a method; `heard` collects the outcome. */
function call(hosted: HostedObject | FailedObject, method: string, ...args: unknown[]) {
  const heard: unknown[] = []
  const asker: Asker = {
    node: '0',
    answer: (_value, payload) => heard.push(decode(payload!)) > 0,
    fail: (error) => heard.push((error as Error).message) > 0,
  }
  hosted.ask(asker, method, [], args.length === 0 ? undefined : pack(args))
  return { asker, heard }
}

class Counter {
  count = 0
  readonly ended: string[] = []
  readonly go = new Event()
  add(...numbers: number[]) {
    for (const number of numbers) this.count += number
    return this.count
  }
  fail() {
    throw new RangeError('cannot count')
  }
  give() {
    return () => {}
  }
  *wait(name: string) {
    try {
      yield* this.go.wait()
      return `${name} went on`
    } finally {
      this.ended.push(name)
    }
  }
  _hidden() {
    return 'hidden'
  }
}

test('calls of a hosted object run concurrently, and end when their callers give up', () =>
  run(function* () {
    const counter = new Counter()
    const hosted = new HostedObject(counter)
    const [waiting, left, sum, nothing] = [
      call(hosted, 'wait', 'one'),
      call(hosted, 'wait', 'left'),
      call(hosted, 'add', 1, 2),
      call(hosted, 'add'),
    ]
    yield* sleep(0)
    expect([waiting.heard, sum.heard, nothing.heard]).toEqual([[], [3], [3]])
    hosted.leave(left.asker)
    hosted.leave(sum.asker)
    yield* sleep(0)
    expect(counter.ended).toEqual(['left'])
    counter.go.set()
    yield* sleep(0)
    hosted.leave(waiting.asker)
    expect([waiting.heard, left.heard.includes('left went on')]).toEqual([['one went on'], false])
  }))

test('a call fails if the hosted object throws or its result cannot be sent', () =>
  run(function* () {
    const hosted = new HostedObject(new Counter())
    const [failed, unsendable] = [call(hosted, 'fail'), call(hosted, 'give')]
    yield* sleep(0)
    expect(failed.heard).toEqual(['cannot count'])
    expect(unsendable.heard[0]).toContain('Expected a value that can be sent')
    expect(call(new FailedObject(new Error('never made')), 'add').heard).toEqual(['never made'])
  }))

test('a hosted object has the exposed methods, or all that do not begin with an underscore', () =>
  run(function* () {
    const [open, closed] = [new HostedObject(new Counter()), new HostedObject(new Counter(), ['_hidden', 'count'])]
    const hidden = call(closed, '_hidden')
    yield* sleep(0)
    expect(hidden.heard).toEqual(['hidden'])
    for (const [hosted, names] of [
      [open, ['_hidden', 'constructor', 'count', 'other']],
      [closed, ['add', 'count']],
    ] as const) {
      for (const name of names) expect(() => call(hosted, name)).toThrow(`other processes, got ${name}`)
    }
  }))
