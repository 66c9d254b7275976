import { spawn } from '@greenlit/core'
import { DefaultSelector, EVENT_READ, EVENT_WRITE, select } from '@greenlit/net'
import { PIPE, type PipeReader, Popen } from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { run } from '../pair.ts'

guardLeaks()

describe('the pipes of a Popen', () => {
  test('are read line by line to their ends, as a selector reports them ready', () =>
    run(function* () {
      const script = 'echo out 1; echo error 1 >&2; echo out 2; echo out 3'
      const program = new Popen(['sh', '-c', script], { stdout: PIPE, stderr: PIPE, text: true })
      using selector = new DefaultSelector<string>()
      selector.register(program.stdout, EVENT_READ, 'stdout')
      selector.register(program.stderr, EVENT_READ, 'stderr')
      const lines: Record<string, string[]> = { stdout: [], stderr: [] }
      while (selector.getMap().size > 0) {
        for (const [{ fileobj, data }] of yield* selector.select({ timeout: 10_000 })) {
          const line = yield* (fileobj as PipeReader<string>).readline()
          if (line === '') selector.unregister(fileobj)
          else lines[data]!.push(line)
        }
      }
      expect(lines).toEqual({ stdout: ['out 1\n', 'out 2\n', 'out 3\n'], stderr: ['error 1\n'] })
      expect(yield* program.wait()).toBe(0)
    }))

  test('are readable while an earlier read has left data, and at an end that has not been read yet', () =>
    run(function* () {
      const program = new Popen(['printf', 'one\\ntwo'], { stdout: PIPE })
      expect(yield* program.wait()).toBe(0)
      expect(String(yield* program.stdout.readline())).toBe('one\n')
      expect((yield* select([program.stdout], [], [], { timeout: 0 }))[0]).toEqual([program.stdout])
      expect(String(yield* program.stdout.read1())).toBe('two')
      expect((yield* select([program.stdout], [], [], { timeout: 10_000 }))[0]).toEqual([program.stdout])
      expect((yield* program.stdout.read()).length).toBe(0)
    }))

  test('can be unregistered from a selector after they have been closed', () =>
    run(function* () {
      const program = new Popen(['true'], { stdout: PIPE })
      using selector = new DefaultSelector<string>()
      selector.register(program.stdout, EVENT_READ, 'stdout')
      yield* program.stdout.close()
      expect(selector.unregister(program.stdout).data).toBe('stdout')
      expect(yield* program.wait()).toBe(0)
    }))

  test('are ready in one direction only, and not before the program has written', () =>
    run(function* () {
      const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE })
      using selector = new DefaultSelector()
      const both = EVENT_READ | EVENT_WRITE
      const input = selector.register(program.stdin, both)
      expect(yield* selector.select({ timeout: 0 })).toEqual([[input, EVENT_WRITE]])
      selector.unregister(program.stdin)
      const output = selector.register(program.stdout, both)
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      yield* program.stdin.write('x')
      expect(yield* selector.select({ timeout: 10_000 })).toEqual([[output, EVENT_READ]])
      yield* program.communicate()
    }))

  test('are reported when closed during a select, and cannot be registered afterwards', () =>
    run(function* () {
      const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE })
      const waiting = spawn(function* () {
        yield* select([program.stdout], [], [])
      })
      yield* spawn(() => program.stdout.close())
      yield* waiting.join({ timeout: 10_000 })
      expect(waiting.exception).toMatchObject({ code: 'EBADF' })
      using selector = new DefaultSelector()
      expect(() => selector.register(program.stdout, EVENT_READ)).toThrow(RangeError)
      program.stdin.close()
      yield* program.wait()
    }))
})
