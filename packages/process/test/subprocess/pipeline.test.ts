import { spawn } from '@greenlit/core'
import { checkOutput, DEVNULL, PIPE, Popen, TimeoutError } from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()

describe('programs in a pipeline', () => {
  test('read the output of another program, as in a shell', () =>
    run(function* () {
      const words = new Popen(['printf', 'b\na\nab\n'], { stdout: PIPE })
      const some = new Popen(['grep', 'a'], { stdin: words.stdout, stdout: PIPE })
      const sorted = new Popen(['sort'], { stdin: some.stdout, stdout: PIPE, text: true })
      words.stdout.close()
      some.stdout.close()
      expect(yield* sorted.communicate()).toEqual(['a\nab\n', undefined])
      expect([yield* words.wait(), yield* some.wait(), sorted.stdin]).toEqual([0, 0, undefined])
    }))

  test('lose nothing that was read before', () =>
    run(function* () {
      const numbers = new Popen(['seq', '100000'], { stdout: PIPE, text: true })
      expect(yield* numbers.stdout.readline()).toBe('1\n')
      const count = new Popen(['wc', '-l'], { stdin: numbers.stdout, stdout: PIPE, text: true })
      numbers.stdout.close()
      expect(Number((yield* count.communicate())[0])).toBe(99_999)
    }))

  test('receive the remaining output of a program that has ended', () =>
    run(function* () {
      const words = new Popen(['printf', 'one two'], { stdout: PIPE })
      expect(yield* words.wait()).toBe(0)
      expect(String(yield* words.stdout.read(4))).toBe('one ')
      expect(yield* checkOutput(['cat'], { stdin: words.stdout, text: true })).toBe('two')
    }))

  test('receive data that was read ahead up to the end, or just the end', () =>
    run(function* () {
      const words = new Popen(['printf', 'one\ntwo'], { stdout: PIPE, text: true })
      const some = new Popen(['printf', 'one'], { stdout: PIPE })
      yield* words.stdout.readline()
      yield* some.stdout.read()
      expect(yield* checkOutput(['cat'], { stdin: words.stdout, text: true })).toBe('two')
      expect(yield* checkOutput(['cat'], { stdin: some.stdout, text: true })).toBe('')
    }))

  test('end the first program when the last stops reading', () =>
    run(function* () {
      for (const ahead of [false, true]) {
        const endless = new Popen(['yes'], { stdout: PIPE, stderr: DEVNULL })
        if (ahead) yield* endless.stdout.read(2)
        const head = new Popen(['head', '-n', '1'], { stdin: endless.stdout, stdout: PIPE, text: true })
        expect((yield* head.communicate())[0]).toBe('y\n')
        // SIGPIPE, or the error of a pipe that is a socket with unread data.
        expect([-13, 1]).toContain(yield* endless.wait())
      }
    }))

  test('write to the input of a running program', () =>
    run(function* () {
      const upper = new Popen(['tr', 'a-z', 'A-Z'], { stdin: PIPE, stdout: PIPE, text: true })
      const first = new Popen(['echo', 'first'], { stdout: upper.stdin })
      yield* first.wait()
      const second = new Popen(['sh', '-c', 'read go; echo second >&2'], { stdin: PIPE, stderr: upper.stdin })
      upper.stdin.close()
      expect(yield* failure(upper.stdin.write('late'))).toBeInstanceOf(RangeError)
      yield* second.communicate('go\n')
      expect((yield* upper.communicate())[0]).toBe('FIRST\nSECOND\n')
    }))

  test('write to the input of a program after the end of what this program writes to it', () =>
    run(function* () {
      const input = Buffer.alloc(1_000_000, 'x')
      for (const end of ['close', 'communicate']) {
        const count = new Popen(['wc', '-c'], { stdin: PIPE, stdout: PIPE, text: true })
        if (end === 'close') {
          // Most of it is unread when the pipe is closed here.
          count.sendSignal('SIGSTOP')
          expect(yield* failure(count.stdin.write(input, { timeout: 0 }))).toBeInstanceOf(TimeoutError)
        }
        const late = new Popen(['sh', '-c', 'read go; printf late'], { stdin: PIPE, stdout: count.stdin })
        if (end === 'close') count.stdin.close()
        const counting = spawn(() => count.communicate(end === 'close' ? undefined : input))
        yield* spawn(function* () {})
        expect(count.stdin.closed).toBe(true)
        count.sendSignal('SIGCONT')
        yield* late.communicate('go\n')
        expect(Number((yield* counting)[0])).toBe(input.length + 'late'.length)
      }
    }))

  test('reject a pipe that is closed, in use, handed over or the wrong end, and leave it unchanged when they cannot start', () =>
    run(function* () {
      const cat = new Popen(['cat'], { stdin: PIPE, stdout: PIPE, text: true })
      expect(() => new Popen(['no-such-program-here'], { stdin: cat.stdout })).toThrow('no-such-program-here')
      expect(() => new Popen(['true'], { stdin: cat.stdin })).toThrow("another program's `stdout`")
      expect(() => new Popen(['true'], { stdout: cat.stdout })).toThrow("another program's `stdin`")
      yield* cat.stdin.write('hello\n')
      yield* cat.stdin.flush()
      expect(yield* cat.stdout.readline()).toBe('hello\n')
      const reader = spawn(() => cat.stdout.readline())
      yield* spawn(function* () {})
      expect(() => new Popen(['true'], { stdin: cat.stdout })).toThrow('Expected no greenlet to read')
      yield* cat.stdin.write('world\n')
      expect(yield* reader).toBe('world\n')
      const taker = new Popen(['cat'], { stdin: cat.stdout, stdout: PIPE, text: true })
      expect(() => new Popen(['true'], { stdin: cat.stdout })).toThrow('given to another program')
      expect((yield* failure(cat.stdout.read())).message).toContain('closed')
      cat.stdin.close()
      expect(String(yield* failure(cat.stdin.flush()))).toContain('closed')
      expect((yield* taker.communicate())[0]).toBe('')
    }))
})
