import { readdirSync } from 'node:fs'
import { sleep, spawn } from '@greenlit/core'
import {
  CalledProcessError,
  CompletedProcess,
  call,
  checkCall,
  checkOutput,
  DEVNULL,
  getoutput,
  getstatusoutput,
  PIPE,
  run as runProgram,
  TimeoutExpired,
} from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()

describe('run', () => {
  test('captures both outputs, as bytes or text', () =>
    run(function* () {
      const bytes = yield* runProgram(['sh', '-c', 'echo out; echo err >&2; exit 2'], { captureOutput: true })
      expect(bytes).toBeInstanceOf(CompletedProcess)
      expect(bytes).toMatchObject({ returncode: 2, stdout: Buffer.from('out\n'), stderr: Buffer.from('err\n') })
      expect(() => bytes.checkReturncode()).toThrow(CalledProcessError)
      expect(String(bytes)).toMatch(/^<CompletedProcess: returncode: 2 args: \["sh",.*\]>$/)
      const text = yield* runProgram(['cat'], { input: 'grüße', stdout: PIPE, encoding: 'utf8' })
      expect(text.stdout).toBe('grüße')
      expect(text.stderr).toBeUndefined()
    }))

  test('checks the exit code with check', () =>
    run(function* () {
      const error = yield* failure(
        runProgram(['sh', '-c', 'echo no; exit 5'], { check: true, stdout: PIPE, text: true }),
      )
      expect(error).toBeInstanceOf(CalledProcessError)
      expect(error).toMatchObject({ returncode: 5, output: 'no\n', stdout: 'no\n', code: 'CALLED_PROCESS_ERROR' })
      expect(error.message).toContain('returned non-zero exit status 5')
      expect(new CalledProcessError(-9999, 'x').message).toBe('Command "x" died with unknown signal 9999')
      const killed = yield* failure(runProgram(['sh', '-c', 'kill -9 $$'], { check: true }))
      expect(killed.message).toContain('SIGKILL')
    }))

  test('kills a program that takes too long, and reports its output', () =>
    run(function* () {
      const error = yield* failure(
        runProgram(['sh', '-c', 'echo begun; echo so >&2; exec sleep 60'], {
          timeout: 300,
          captureOutput: true,
          text: true,
        }),
      )
      expect(error).toBeInstanceOf(TimeoutExpired)
      expect(error).toMatchObject({ output: 'begun\n', stderr: 'so\n', timeout: 300 })
    }))

  test('kills the program when its greenlet is killed', () =>
    run(function* () {
      const runner = spawn(() => runProgram(['sleep', '60'], { stdout: DEVNULL }))
      yield* sleep(20)
      yield* runner.kill()
    }))

  test('holds no pipe open after it gave up, not even one that a child of the program holds', () =>
    run(function* () {
      const before = readdirSync('/proc/self/fd').length
      const options = { captureOutput: true, input: 'x', timeout: 40 } as const
      yield* failure(runProgram(['sh', '-c', 'sleep 2 & sleep 2'], options))
      const unread = { input: 'x'.repeat(2 ** 20), timeout: 40 }
      yield* failure(runProgram(['sh', '-c', 'exec 3<&0; sleep 2 <&3 & sleep 2'], unread))
      const runner = spawn(() => runProgram(['sh', '-c', 'sleep 2 & sleep 2'], { captureOutput: true }))
      yield* sleep(40)
      yield* runner.kill()
      yield* sleep(0)
      expect(readdirSync('/proc/self/fd').length).toBe(before)
    }))

  test('rejects contradictory options', () => {
    expect(() => runProgram(['ls'], { captureOutput: true, stdout: PIPE })).toThrow('captureOutput')
    expect(() => runProgram(['ls'], { input: 'x', stdin: PIPE })).toThrow('stdin')
    expect(() => runProgram(['ls'], { input: Promise.resolve('x') as never })).toThrow('Expected `input` to be')
    expect(() => checkOutput(['ls'], { stdout: PIPE })).toThrow('stdout')
    expect(() => runProgram(['ls'], { timeout: -1 })).toThrow('timeout')
  })

  test('rejects them at the call in its shorthands too', () => {
    for (const shorthand of [call, checkCall, checkOutput] as unknown as (typeof runProgram)[]) {
      expect(() => shorthand(['ls'], { timeout: -1 })).toThrow('Expected `timeout`')
      expect(() => shorthand(['ls'], { input: 'x', stdin: PIPE })).toThrow('Expected no `stdin` beside `input`')
    }
    for (const shorthand of [getoutput, getstatusoutput])
      expect(() => shorthand('ls', { timeout: -1 })).toThrow('Expected `timeout`')
  })
})

describe('the shorthands', () => {
  test('call, checkCall and checkOutput', () =>
    run(function* () {
      expect(yield* call(['sh', '-c', 'exit 7'])).toBe(7)
      expect(yield* checkCall(['true'])).toBe(0)
      expect(yield* failure(checkCall(['false']))).toBeInstanceOf(CalledProcessError)
      expect(yield* checkOutput(['echo', 'hello'], { text: true })).toBe('hello\n')
      expect(yield* checkOutput(['cat'], { input: 'x' })).toEqual(Buffer.from('x'))
      for (const encoding of ['latin-1', 'ISO-8859-1', 'iso8859_1', 'latin1'])
        expect(yield* checkOutput(['od', '-An', '-tx1'], { input: 'é', encoding })).toBe(' e9\n')
      for (const encoding of ['utf_8', 'UTF-8', 'us-ascii', 'utf-16-le'])
        expect(yield* checkOutput(['cat'], { input: 'e\n', encoding })).toBe('e\n')
      expect(yield* checkOutput(['cat'], { input: undefined as never })).toEqual(Buffer.from(''))
      expect(yield* checkOutput(['cat'], { input: undefined as never, stdin: DEVNULL })).toEqual(Buffer.from(''))
      expect(yield* failure(checkOutput(['sleep', '60'], { timeout: 20 }))).toBeInstanceOf(TimeoutExpired)
    }))

  test('getstatusoutput and getoutput give the text of both streams without the last line feed', () =>
    run(function* () {
      expect(yield* getstatusoutput('echo a; echo b >&2; exit 3')).toEqual([3, 'a\nb'])
      expect(yield* getoutput('echo $((1 + 2))')).toBe('3')
      expect(yield* getoutput("printf '\\351'", { encoding: 'latin1' })).toBe('é')
    }))
})
