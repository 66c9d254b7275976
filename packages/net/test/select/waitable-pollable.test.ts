import { Event, sleep, spawn } from '@greenlit/core'
import { DefaultSelector, EVENT_READ, EVENT_WRITE, select, socketpair } from '@greenlit/net'
import { Pipe, Process } from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { run } from '../pair.ts'

guardLeaks()

describe('select and what wait takes', () => {
  test('reports the sentinel of a process that has ended', () =>
    run(function* () {
      const child = new Process({ target: { module: 'node:process', export: 'exit' }, args: [3] })
      yield* child.start()
      const { sentinel } = child
      const [left, right] = socketpair()
      expect(yield* select([sentinel, left], [], [], { timeout: 0 })).toEqual([[], [], []])
      expect((yield* select([left, sentinel], [], [], { timeout: 30_000 }))[0][0]).toBe(sentinel)
      yield* right.send('x')
      const [readable] = yield* select([sentinel, left], [], [], { timeout: 30_000 })
      expect(readable[0]).toBe(sentinel)
      expect(readable[1]).toBe(left)
      left.close()
      right.close()
    }))

  test('reports a pipe between processes while it has something to receive', () =>
    run(function* () {
      const [reader, writer] = Pipe({ duplex: false })
      using selector = new DefaultSelector<string>()
      const input = selector.register(reader, EVENT_READ, 'input')
      const output = selector.register(writer, EVENT_WRITE, 'output')
      expect(yield* selector.select({ timeout: 0 })).toEqual([[output, EVENT_WRITE]])
      selector.unregister(writer)
      expect(yield* selector.select({ timeout: 5 })).toEqual([])
      const sender = spawn(function* () {
        yield* sleep(2)
        yield* writer.send(1)
      })
      for (let times = 0; times < 2; times += 1)
        expect(yield* selector.select({ timeout: 10_000 })).toEqual([[input, EVENT_READ]])
      expect(yield* reader.recv()).toBe(1)
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      writer.close()
      expect((yield* select([reader], [], [], { timeout: 0 }))[0][0]).toBe(reader)
      reader.close()
      expect(() => select([reader], [], [])).toThrow(RangeError)
      yield* sender.join()
    }))

  test('reports an event once it is set, and can be killed before that', () =>
    run(function* () {
      const event = new Event()
      const killed = spawn(() => select([event], [], []))
      const waiting = [spawn(() => select([event], [], [])), spawn(() => select([event], [], []))]
      yield* sleep(2)
      yield* killed.kill()
      event.set()
      for (const waiter of waiting) expect((yield* waiter)[0][0]).toBe(event)
      expect((yield* select([event], [], [], { timeout: 0 }))[0][0]).toBe(event)
      event.clear()
      expect((yield* select([event], [], [], { timeout: 0 }))[0]).toEqual([])
    }))
})
