import type { ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ConcurrentObjectUseError,
  Event,
  each,
  type Operation,
  sleep,
  spawn,
  Timeout,
  wait,
  withTimeout,
} from '@greenlit/core'
import {
  DEVNULL,
  FileNotFoundError,
  NotADirectoryError,
  OSError,
  PermissionError,
  PIPE,
  Popen,
  type PopenOptions,
  STDOUT,
  TimeoutError,
  TimeoutExpired,
} from '@greenlit/process'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { failure, guardLeaks, run } from '../guard.ts'

const node = process.execPath
const folder = mkdtempSync(join(tmpdir(), 'greenlit-popen-'))
guardLeaks()
afterAll(() => rmSync(folder, { recursive: true }))

function thrownBy(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('Expected an error')
}

describe('Popen', () => {
  test('runs a program and reports how it ended', () =>
    run(function* () {
      const program = new Popen([node, '-e', 'process.exitCode = 3'])
      expect(program.pid).toBeGreaterThan(0)
      expect(program.poll()).toBeUndefined()
      expect(yield* program.wait()).toBe(3)
      expect(program.poll()).toBe(3)
      expect(yield* program.wait({ timeout: 0 })).toBe(3)
    }))

  test('can be waited for with a timeout and killed, and then has a negative returncode', () =>
    run(function* () {
      const program = new Popen(['sleep', '60'])
      const error = yield* failure(program.wait({ timeout: 20 }))
      expect(error).toBeInstanceOf(TimeoutExpired)
      expect(error).toMatchObject({ cmd: ['sleep', '60'], timeout: 20 })
      program.kill()
      expect(yield* program.wait()).toBe(-9)
      const other = new Popen(['sleep', '60'])
      other.terminate()
      expect(yield* other.wait()).toBe(-15)
      other.kill()
    }))

  test('throws immediately for a program or folder that does not exist or is not executable', () => {
    expect(() => new Popen(['no-such-program-here'])).toThrow(FileNotFoundError)
    expect(() => new Popen(['ls'], { cwd: '/no/such/folder' })).toThrow(FileNotFoundError)
    expect(() => new Popen(['/etc/passwd'])).toThrow(PermissionError)
    expect(() => new Popen(['no-such-program-here'], { stdout: PIPE, stderr: STDOUT })).toThrow(FileNotFoundError)
    try {
      new Popen(['no-such-program-here'])
    } catch (error) {
      expect(error).toBeInstanceOf(OSError)
      expect(error).toMatchObject({ code: 'ENOENT', errno: 2, filename: 'no-such-program-here' })
    }
  })

  test('reports the error of the system and the file that it concerns', () => {
    const script = join(folder, 'script')
    writeFileSync(script, '#!/no/such/interpreter\n', { mode: 0o755 })
    const cases: [args: string[], options: PopenOptions, code: string, errno: number, filename: string][] = [
      [['ls'], { cwd: '/etc/passwd' }, 'ENOTDIR', 20, '/etc/passwd'],
      [['ls'], { cwd: '' }, 'ENOENT', 2, ''],
      [['/etc/passwd/ls'], {}, 'ENOTDIR', 20, '/etc/passwd/ls'],
      [['/etc'], {}, 'EACCES', 13, '/etc'],
      [[script], {}, 'ENOENT', 2, script],
      [[script], { stdout: PIPE, stderr: STDOUT }, 'ENOENT', 2, script],
      [['ls', 'x'.repeat(3_000_000)], {}, 'E2BIG', 7, 'ls'],
      [[`/${'x'.repeat(300)}`], {}, 'ENAMETOOLONG', 36, `/${'x'.repeat(300)}`],
      [['ls'], { env: { PATH: '/nowhere' } }, 'ENOENT', 2, 'ls'],
    ]
    for (const [args, options, code, errno, filename] of cases) {
      expect(thrownBy(() => new Popen(args, options))).toMatchObject({ code, errno, filename })
    }
    expect(thrownBy(() => new Popen(['/etc/passwd/ls']))).toBeInstanceOf(NotADirectoryError)
  })

  test('reports the error for a relative path and for a name in PATH, and leaves no file open', () => {
    const before = readdirSync('/proc/self/fd').length
    mkdirSync(join(folder, 'bin/directory'), { recursive: true })
    writeFileSync(join(folder, 'bin/plain'), 'no program', { mode: 0o644 })
    writeFileSync(join(folder, 'bin/lost'), '#! /no/such/interpreter -x\n', { mode: 0o755 })
    const path = (PATH: string): PopenOptions => ({ cwd: folder, env: { PATH } })
    const cases: [program: string, options: PopenOptions, code: string][] = [
      ['./plain', { cwd: join(folder, 'bin') }, 'EACCES'],
      ['bin/directory', { cwd: folder }, 'EACCES'],
      ['bin/missing', { cwd: folder }, 'ENOENT'],
      ['plain', path('bin:/nowhere:/etc/passwd'), 'EACCES'],
      ['plain', path('/nowhere:/etc/passwd'), 'ENOENT'],
      ['plain', { cwd: join(folder, 'bin'), env: { PATH: '/nowhere:' } }, 'EACCES'],
      ['lost', path(join(folder, 'bin')), 'ENOENT'],
    ]
    for (const [program, options, code] of cases) {
      for (const more of [{}, { stdout: PIPE, stderr: STDOUT }]) {
        const error = thrownBy(() => new Popen([program], { ...options, ...more }))
        expect(error).toMatchObject({ code, filename: program })
      }
    }
    expect(readdirSync('/proc/self/fd').length).toBe(before)
  })

  test('rejects options that Node does not support, and options of the wrong type', () => {
    const impossible = [{ preexecFn: () => {} }, { closeFds: false }, { processGroup: 0 }]
    const wrong = [{ shell: 5 }, { cwd: 5 }, { env: 5 }, { text: 'yes' }, { bufsize: 'orange' }, { user: -1 }]
    const more = [
      { encoding: 'klingon' },
      { errors: 'loose' },
      { passFds: [-1] },
      { env: { 'A=B': 'c' } },
      { env: { A: 5 } },
      { env: ['A=5'] },
      { umask: -2 },
      { umask: 0o1000 },
      { cwd: '/\0' },
      { executable: 'a\0' },
      { shell: 'a\0' },
    ]
    for (const options of [...impossible, ...wrong, ...more]) {
      expect(() => new Popen(['true'], options as never)).toThrow(`\`${Object.keys(options)[0]}\``)
    }
    const outOfRange = [
      { user: -1 },
      { group: 2 ** 32 },
      { user: 'no-such-user' },
      { group: 'no-such-group' },
      { umask: -2 },
      { encoding: 'klingon' },
      { errors: 'loose' },
    ]
    for (const options of [...outOfRange, { passFds: [-1] }, { stdout: STDOUT }, { stdin: -9 }])
      expect(() => new Popen(['true'], options as never)).toThrow(RangeError)
    for (const options of [
      { user: true },
      { user: '' },
      { umask: '022' },
      { encoding: 5 },
      { passFds: ['1'] },
      { stdin: 'pipe' },
    ])
      expect(() => new Popen(['true'], options as never)).toThrow(TypeError)
    expect(() => new Popen(['true'], { text: true, universalNewlines: false })).toThrow('universalNewlines')
    expect(() => new Popen([''])).toThrow('`args`')
  })

  test('passes further file descriptors to the program', () =>
    run(function* () {
      const path = join(folder, 'passed')
      const fd = openSync(path, 'w')
      yield* new Popen(['sh', '-c', `echo passed > /dev/fd/${fd}`], {
        passFds: [fd],
        closeFds: true,
      } as PopenOptions).wait()
      closeSync(fd)
      expect(readFileSync(path, 'utf8')).toBe('passed\n')
    }))

  test('writes to files, by descriptor or by an object with one, and both outputs to the same file', () =>
    run(function* () {
      const path = join(folder, 'outputs')
      const fd = openSync(path, 'w')
      for (const options of [
        { stdout: fd, stderr: STDOUT },
        { stdout: { fd }, stderr: { fd } },
      ])
        expect(yield* new Popen(['sh', '-c', 'echo out; echo err >&2'], options).wait()).toBe(0)
      closeSync(fd)
      expect(readFileSync(path, 'utf8')).toBe('out\nerr\nout\nerr\n')
      const input = openSync(path, 'r')
      const reader = new Popen(['head', '-n', '1'], { stdin: { fd: input }, stdout: PIPE, stderr: PIPE, text: true })
      expect(yield* reader.communicate()).toEqual(['out\n', ''])
      closeSync(input)
      const complainer = new Popen(['sh', '-c', 'echo err >&2'], { stderr: PIPE, text: true })
      expect(yield* complainer.communicate()).toEqual([undefined, 'err\n'])
    }))

  test('starts another program under the name of the first argument', () =>
    run(function* () {
      const options = { executable: '/bin/sh', stdout: PIPE, text: true } as const
      expect((yield* new Popen(['alias', '-c', 'echo $0'], options).communicate())[0]).toBe('alias\n')
      const both = new Popen(['alias', '-c', 'echo out; echo err >&2'], { ...options, stderr: STDOUT })
      expect((yield* both.communicate())[0]).toBe('out\nerr\n')
      const shell = new Popen('echo $0', { shell: '/bin/bash', stdout: PIPE, text: true })
      expect((yield* shell.communicate())[0]).toBe('/bin/bash\n')
    }))

  test('can use another shell, whose own name is its argv[0]', () =>
    run(function* () {
      const program = new Popen('echo $0', { shell: true, executable: '/bin/bash', stdout: PIPE, text: true })
      expect((yield* program.communicate())[0]).toBe('/bin/bash\n')
    }))

  test('rejects unknown signals', () =>
    run(function* () {
      const program = new Popen(['sleep', '60'])
      for (const signal of ['SIGNONE', undefined, 9999]) {
        const send = () => program.sendSignal(signal as never)
        expect(send).toThrow('Expected `signal`')
        expect(send).toThrow(signal === undefined ? TypeError : RangeError)
      }
      program.sendSignal(0)
      program.sendSignal('SIGINT')
      expect(yield* program.wait()).toBe(-2)
    }))

  test('runs a program as a user and a group, given by id or name', () =>
    run(function* () {
      const outputOf = function* (flags: string, options?: PopenOptions) {
        const program = new Popen(['id', flags], { ...options, stdout: PIPE, text: true })
        return (yield* program.communicate())[0]!.trim()
      }
      const [uid, gid, user, group] = [
        yield* outputOf('-u'),
        yield* outputOf('-g'),
        yield* outputOf('-un'),
        yield* outputOf('-gn'),
      ]
      expect(yield* outputOf('-u', { user })).toBe(uid)
      expect(yield* outputOf('-g', { group })).toBe(gid)
      expect(yield* outputOf('-u', { user: Number(uid), group: Number(gid) })).toBe(uid)
    }))

  test.runIf(process.getuid!() === 0)('throws if the other user may not execute the program', () => {
    const program = join(folder, 'private', 'program')
    mkdirSync(join(folder, 'private'), { mode: 0o700 })
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 })
    const error = thrownBy(() => new Popen([program], { user: 65534 }))
    expect(error).toMatchObject({ name: 'PermissionError', errno: 13, filename: program })
  })

  test('throws if it may not signal a program that now runs as another user', () =>
    run(function* () {
      const program = new Popen(['sleep', '60'])
      const { child } = program as unknown as { child: ChildProcess }
      const kill = vi.spyOn(child, 'kill').mockImplementation(() => {
        return !child.emit('error', Object.assign(new Error('kill EPERM'), { code: 'EPERM' }))
      })
      expect(thrownBy(() => program.kill())).toMatchObject({ name: 'PermissionError', errno: 1 })
      kill.mockRestore()
      program.kill()
      expect(yield* program.wait()).toBe(-9)
      expect(child.listenerCount('error')).toBe(0)
    }))

  test('does not communicate while a greenlet reads its output', () =>
    run(function* () {
      const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE, text: true })
      const reader = spawn(() => program.stdout.readline())
      yield* sleep(0)
      expect(yield* failure(program.communicate('lost?'))).toBeInstanceOf(ConcurrentObjectUseError)
      yield* program.stdin.write('line\n')
      expect(yield* reader).toBe('line\n')
      const talk = spawn(() => program.communicate('rest'))
      yield* sleep(0)
      expect(yield* failure(program.communicate())).toBeInstanceOf(ConcurrentObjectUseError)
      expect(yield* talk).toEqual(['rest', undefined])
    }))

  test('communicates with one greenlet at a time, during which no other may read, and continues after that', () =>
    run(function* () {
      const quiet = new Popen(['sh', '-c', 'cat >&2'], { stdin: PIPE, stdout: DEVNULL, stderr: PIPE })
      const reader = spawn(() => quiet.stderr.read())
      yield* sleep(0)
      expect(yield* failure(quiet.communicate('lost?'))).toBeInstanceOf(ConcurrentObjectUseError)
      expect(yield* failure(quiet.stderr.read())).toBeInstanceOf(ConcurrentObjectUseError)
      yield* quiet.stdin.write('first')
      quiet.stdin.close()
      expect(String(yield* reader)).toBe('first')
      const program = new Popen(['sh', '-c', 'read line; exec sleep 0.1'], { stdin: PIPE })
      expect(String(program)).toBe('<Popen: running args: ["sh","-c","read line; exec sleep 0.1"]>')
      const talk = spawn(() => program.communicate('x\n'))
      yield* sleep(0)
      expect(yield* failure(program.communicate())).toBeInstanceOf(ConcurrentObjectUseError)
      expect(yield* talk).toEqual([undefined, undefined])
      expect(String(program)).toContain('<Popen: returncode: 0 args: ')
      expect(yield* program.communicate('')).toEqual([undefined, undefined])
      expect(yield* program.communicate(null as never)).toEqual([undefined, undefined])
      expect(() => new Popen(['true']).communicate('x')).toThrow('Expected `input` only with `stdin: PIPE`')
    }))

  test('communicates until the end of the pipe, which may come after that of the program', () =>
    run(function* () {
      const program = new Popen(['sh', '-c', '(sleep 0.2; echo late) & echo early'], { stdout: PIPE, text: true })
      expect(yield* program.communicate()).toEqual(['early\nlate\n', undefined])
    }))

  test('waits, reads and communicates as long as a Timeout passed to it allows, and then throws it', () =>
    run(function* () {
      const program = new Popen(['sleep', '60'], { stdout: PIPE })
      const uses: ((options: { timeout: Timeout }) => Operation<unknown>)[] = [
        (options) => program.communicate(options),
        (options) => program.wait(options),
        (options) => program.stdout.read(1, options),
      ]
      for (const use of uses) {
        const timeout = new Timeout(10)
        let thrown: unknown
        try {
          yield* use({ timeout })
        } catch (error) {
          thrown = error
        }
        expect(thrown).toBe(timeout)
      }
      program.kill()
      yield* program.wait()
    }))

  test('keeps this program alive as long as something waits for it, and no longer', () =>
    run(function* () {
      const active = () => process.getActiveResourcesInfo().filter((name) => /^(Process|Pipe)/.test(name)).length
      const before = active()
      const program = new Popen(['sleep', '60'], { stdin: PIPE, stdout: PIPE, stderr: PIPE })
      expect(active()).toBe(before)
      for (const operation of [
        () => program.wait(),
        () => program.communicate(),
        () => program.stdout.read(1),
        () => program.stderr.readline(),
      ]) {
        const waiter = spawn(operation as () => ReturnType<typeof program.wait>)
        yield* sleep(0)
        expect(active()).toBeGreaterThan(before)
        yield* waiter.kill()
        expect(active()).toBe(before)
      }
      expect(() => program.rawlink(5 as never)).toThrow('Expected `callback` to be a function, got 5')
      const link = () => {}
      program.rawlink(link)
      expect(active()).toBeGreaterThan(before)
      const waiters = Array.from({ length: 3 }, () => spawn(() => program.wait()))
      yield* sleep(0)
      for (const waiter of waiters) {
        yield* waiter.kill()
        expect(active()).toBeGreaterThan(before)
      }
      const [last, other] = [spawn(() => program.wait()), spawn(() => program.wait())]
      yield* sleep(0)
      program.unlink(link)
      yield* last.kill()
      expect(active()).toBeGreaterThan(before)
      yield* other.kill()
      expect(active()).toBe(before)
      program.kill()
      yield* program.wait()
    }))

  test('lets a write succeed whose data is sent after the pipe was closed', () =>
    run(function* () {
      const program = new Popen(['sh', '-c', 'sleep 0.1; wc -c'], { stdin: PIPE, stdout: PIPE, text: true })
      const writer = spawn(() => program.stdin.write('x'.repeat(2_000_000)))
      yield* sleep(0)
      expect((yield* program.communicate('yz'))[0].trim()).toBe('2000002')
      expect(yield* writer).toBe(2_000_000)
    }))

  test('loses no input silently', () =>
    run(function* () {
      const program = new Popen(['sh', '-c', 'cat; sleep 0.2'], { stdin: PIPE, stdout: PIPE, text: true })
      expect((yield* failure(program.communicate('first', { timeout: 0 }))).name).toBe('TimeoutExpired')
      expect((yield* failure(program.communicate('second'))).message).toContain('Expected `input` with the first')
      expect((yield* program.communicate())[0]).toBe('first')
      const closed = new Popen(['true'], { stdin: PIPE })
      closed.stdin.close()
      expect((yield* failure(closed.communicate('x'))).message).toContain('Expected no `input`')
      yield* closed.communicate()
    }))

  test('rejects invalid arguments by name', () => {
    expect(() => new Popen([])).toThrow(/^Expected `args`.*, got \[\]$/)
    expect(() => new Popen(['seq', 5 as never])).toThrow(/^Expected `args`.*, got \["seq", 5\]$/)
    expect(() => new Popen(5 as never)).toThrow('Expected `args`')
    expect(() => new Popen(['a\0b'])).toThrow('Expected `args` without null')
    for (const stdout of [-7, 1.5, '1', {}, STDOUT])
      expect(() => new Popen(['ls'], { stdout: stdout as never })).toThrow('Expected `stdout` to be PIPE, DEVNULL, a')
    expect(() => new Popen(['ls'], { stderr: -7 })).toThrow('STDOUT')
    expect(() => new Popen(['ls', 5 as never])).toThrow('Expected `args`')
    expect(() => new Popen(['ls'], { stdin: STDOUT })).toThrow('Expected `stdin`')
  })

  test('communicates with both pipes concurrently, however much data there is', () =>
    run(function* () {
      const size = 1 << 20
      const script = `process.stdin.on('data', (d) => { process.stdout.write(d); process.stderr.write(d) })`
      const program = new Popen([node, '-e', script], { stdin: PIPE, stdout: PIPE, stderr: PIPE })
      const [out, err] = yield* program.communicate({ input: Buffer.alloc(size, 'x') })
      expect(out!.length).toBe(size)
      expect(err!.length).toBe(size)
      expect(program.returncode).toBe(0)
    }))

  test('communicates again after a timeout without loss', () =>
    run(function* () {
      const script = `process.stdout.write('early'); process.stdin.resume().on('end', () => setTimeout(() => process.stdout.write('late'), 300))`
      const program = new Popen([node, '-e', script], { stdin: PIPE, stdout: PIPE, text: true })
      const error = yield* failure(program.communicate({ input: 'x', timeout: 10 }))
      expect(error).toBeInstanceOf(TimeoutExpired)
      expect(yield* program.communicate()).toEqual(['earlylate', undefined])
    }))

  test('accepts the input and the timeout as two arguments too, as in Python', () =>
    run(function* () {
      const program = new Popen(['sh', '-c', 'cat; exec sleep 60'], { stdin: PIPE, stdout: PIPE, text: true })
      const error = yield* failure(program.communicate('before', { timeout: 100 }))
      expect(error).toMatchObject({ name: 'TimeoutExpired', timeout: 100 })
      expect((yield* failure(program.communicate(undefined, { timeout: 1 }))).name).toBe('TimeoutExpired')
      program.kill()
      expect(yield* program.communicate()).toEqual(['before', undefined])
      expect(() => program.communicate(5 as never)).toThrow('Expected `input`')
    }))

  test('rejects input that is not bytes instead of taking it for options', () =>
    run(function* () {
      const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE })
      for (const input of [5, ['x'], new Map(), Promise.resolve('x')]) {
        expect(() => program.communicate(input as never)).toThrow(/^Expected `input` to be a Uint8Array or a string/)
      }
      expect(yield* program.communicate({ input: 'all' })).toEqual([Buffer.from('all'), undefined])
    }))

  test('gives a program whose outputs are one pipe, or that has a mask, the environment as it is', () =>
    run(function* () {
      const env = { PATH: process.env.PATH, only: 'this', 'no name for a shell': "it's\nkept" }
      for (const options of [{ stderr: STDOUT }, { umask: 0o22 }]) {
        const script = 'console.log(JSON.stringify([process.env, process.argv.slice(1)]))'
        const args = [process.execPath, '-e', script, 'a=b', '$1']
        const program = new Popen(args, { ...options, env, stdout: PIPE, text: true })
        expect(JSON.parse((yield* program.communicate())[0]!)).toEqual([env, ['a=b', '$1']])
      }
    }))

  test('`communicate` can be repeated any number of times once the pipes have ended', () =>
    run(function* () {
      const warn = vi.spyOn(process, 'emitWarning')
      const program = new Popen('exec >&- 2>&-; exec sleep 60', { shell: true, stdout: PIPE, stderr: PIPE })
      expect([yield* program.stdout.read(), yield* program.stderr.read()].map(String)).toEqual(['', ''])
      for (let n = 0; n < 20; n += 1) {
        const waiting = spawn(() => program.communicate())
        yield* sleep(0)
        yield* waiting.kill()
      }
      program.kill()
      yield* program.communicate()
      expect(warn).not.toHaveBeenCalled()
      warn.mockRestore()
    }))

  test('takes any view of memory as bytes', () =>
    run(function* () {
      const words = Uint16Array.of(0x6261, 0x6463)
      for (const input of [words, words.buffer, new DataView(words.buffer)]) {
        const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE })
        yield* program.stdin.write(input)
        expect(String((yield* program.communicate(input))[0])).toBe('abcdabcd')
      }
    }))

  test('closes its pipes once `communicate` has read them, which can still be repeated', () =>
    run(function* () {
      const program = new Popen('echo out; echo err >&2', { shell: true, stdin: PIPE, stdout: PIPE, stderr: PIPE })
      const outputs = [Buffer.from('out\n'), Buffer.from('err\n')]
      expect(yield* program.communicate()).toEqual(outputs)
      expect([program.stdin, program.stdout, program.stderr].map((pipe) => pipe.closed)).toEqual([true, true, true])
      expect((yield* failure(program.stdout.read())).message).toContain('read of closed file')
      expect(yield* program.communicate({ timeout: 0 })).toEqual(outputs)
    }))

  test('sets the mask of a program, whose streams and failures are as without', () =>
    run(function* () {
      const shown = new Popen(['sh', '-c', 'umask; echo err >&2'], {
        umask: 0o27,
        stdout: PIPE,
        stderr: PIPE,
        text: true,
      })
      expect(yield* shown.communicate()).toEqual(['0027\n', 'err\n'])
      const merged = new Popen(['sh', '-c', 'umask >&2'], { umask: 0, stdout: PIPE, stderr: STDOUT, text: true })
      expect((yield* merged.communicate())[0]).toBe('0000\n')
      expect(() => new Popen(['no-such-program'], { umask: 0o27 })).toThrow(FileNotFoundError)
      expect(yield* new Popen(['true'], { umask: -1 }).wait()).toBe(0)
    }))

  test('closes its pipes at the end of a using block, and each pipe at the end of its own', () =>
    run(function* () {
      const program = new Popen('cat >&2', { shell: true, stdin: PIPE, stdout: PIPE, stderr: PIPE })
      {
        using input = program.stdin
        yield* input.write('x')
      }
      expect(program.stdin.closed).toBe(true)
      {
        using errors = program.stderr
        expect(String(yield* errors.read())).toBe('x')
      }
      expect([program.stdout.closed, program.stderr.closed]).toEqual([false, true])
      {
        using _program = program
      }
      expect(program.stdout.closed).toBe(true)
      expect(yield* program.wait()).toBe(0)
    }))

  test('closes its pipes and waits at the end of an await using block', async () => {
    const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE, stderr: PIPE })
    await program[Symbol.asyncDispose]()
    expect(program.returncode).toBe(0)
    expect([program.stdin, program.stdout, program.stderr].map(({ closed }) => closed)).toEqual([true, true, true])
  })

  test('merges standard error into standard output in the order of writing', () =>
    run(function* () {
      const program = new Popen(['sh', '-c', 'echo a; echo b >&2; echo c'], {
        stdout: PIPE,
        stderr: STDOUT,
        text: true,
      })
      expect(yield* program.communicate()).toEqual(['a\nb\nc\n', undefined])
      const shell = new Popen('echo a; echo b >&2', { shell: true, stdout: PIPE, stderr: STDOUT, text: true })
      expect((yield* shell.communicate())[0]).toBe('a\nb\n')
    }))

  test('passes environment, folder and arguments on unchanged', () =>
    run(function* () {
      const script = `console.log(JSON.stringify([process.env.GREETING, process.cwd(), process.argv.slice(1)]))`
      const options = {
        env: { GREETING: 'hello', PATH: process.env.PATH },
        cwd: new URL('file:///usr'),
        stdout: PIPE,
        text: true as const,
      }
      const program = new Popen([node, '-e', script, 'a b', '$HOME'], options)
      expect(JSON.parse((yield* program.communicate())[0]!)).toEqual(['hello', '/usr', ['a b', '$HOME']])
    }))

  test.each([PIPE, STDOUT])('finds a program also if its environment has no PATH, with stderr %s', (stderr) =>
    run(function* () {
      const program = new Popen(['printenv', 'GREETING'], {
        env: { GREETING: 'hello' },
        stdout: PIPE,
        stderr,
        text: true,
      })
      expect((yield* program.communicate())[0]).toBe('hello\n')
    }),
  )

  test('reads line by line while the program runs, and writes to it', () =>
    run(function* () {
      const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE, text: true })
      expect(yield* program.stdin!.writelines(['one\n', 'two\n', 'rest'])).toBe(12)
      expect(yield* program.stdout!.readline()).toBe('one\n')
      expect(yield* program.stdout!.read(2)).toBe('tw')
      expect((yield* failure(program.stdout!.read(100, { timeout: 10 }))).name).toBe('TimeoutError')
      program.stdin!.close()
      expect(yield* program.stdout!.readlines()).toEqual(['o\n', 'rest'])
      expect(yield* program.stdout!.read()).toBe('')
      expect(yield* program.wait()).toBe(0)
    }))

  test('reads no more of a line than it is asked for', () =>
    run(function* () {
      const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE, text: true })
      const { stdin, stdout } = program
      yield* stdin.write('abcdef\nxy')
      expect([yield* stdout.readline(3), yield* stdout.readline({ size: 10 })]).toEqual(['abc', 'def\n'])
      expect([yield* stdout.readline(0), yield* stdout.readline(2)]).toEqual(['', 'xy'])
      expect(yield* failure(stdout.readline(1, { timeout: 5 }))).toBeInstanceOf(TimeoutError)
      yield* stdin.write('123€\r\n')
      stdin.close()
      expect([yield* stdout.read1(2), yield* stdout.readline(2), yield* stdout.readline(3)]).toEqual(['12', '3', '€'])
      expect(yield* stdout.read({ size: 1 })).toBe('\n')
      expect([yield* stdout.readline(-1), yield* stdout.read1()]).toEqual(['', ''])
      for (const size of [-2, 1.5, 'x'])
        for (const method of ['read', 'read1', 'readline'] as const)
          expect(() => stdout[method](size as number)).toThrow(size === 'x' ? TypeError : RangeError)
      yield* program.wait()
    }))

  test('writes lines of bytes and text together, and refuses others', () =>
    run(function* () {
      const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE })
      yield* program.stdin.writelines(new Set([Buffer.from('a'), 'é', new Uint8Array([98])]))
      expect(() => program.stdin.writelines(['a', 5 as never])).toThrow('Expected `data`')
      expect(() => program.stdin.writelines(5 as never)).toThrow('Expected `lines`')
      expect(String((yield* program.communicate())[0])).toBe('aéb')
    }))

  test('can be iterated line by line, in coroutines and in plain code, which does not close it', async () => {
    const program = new Popen(['printf', 'one\\ntwo\\nthree\\nfour'], { stdout: PIPE, text: true })
    expect(await program.stdout.next()).toEqual({ done: false, value: 'one\n' })
    for await (const line of program.stdout) {
      expect(line).toBe('two\n')
      break
    }
    const lines = program.stdout.iterLines()
    lines.close()
    expect(await lines.next()).toEqual({ done: true, value: undefined })
    const rest: string[] = []
    await each(program.stdout, (line) => rest.push(line))
    expect(rest).toEqual(['three\n', 'four'])
    expect(program.stdout.closed).toBe(false)
    expect(await program.communicate()).toEqual(['', undefined])
  })

  test('never splits a character of text or a line end', () =>
    run(function* () {
      const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE, text: true })
      const euro = Buffer.from('€')
      yield* program.stdin.write(Buffer.concat([Buffer.from('a'), euro.subarray(0, 2)]))
      expect(yield* program.stdout.read1()).toBe('a')
      const waiting = spawn(() => program.stdout.read1())
      yield* program.stdin.write(euro.subarray(2))
      expect(yield* waiting).toBe('€')
      yield* program.stdin.write('é!')
      expect(yield* program.stdout.read(1)).toBe('é')
      expect(yield* program.stdout.read(1)).toBe('!')
      yield* program.stdin.write('line\r')
      expect(yield* program.stdout.read1()).toBe('line')
      yield* program.stdin.write('\nnext\r')
      yield* program.stdin.write(euro.subarray(0, 1))
      program.stdin.close()
      expect(yield* program.stdout.readline()).toBe('\n')
      expect(yield* program.stdout.read()).toBe('next\n\ufffd')
      expect(yield* program.stdout.read()).toBe('')
      yield* program.wait()
    }))

  test('reports it when nobody reads what is written', () =>
    run(function* () {
      const program = new Popen(['true'], { stdin: PIPE })
      yield* program.wait()
      let error: Error | undefined
      for (let tries = 0; tries < 100 && error === undefined; tries += 1) {
        const chunk = Buffer.alloc(1 << 20)
        error = yield* (function* () {
          try {
            yield* program.stdin!.write(chunk)
          } catch (thrown) {
            return thrown as Error
          }
          return undefined
        })()
      }
      expect(error).toMatchObject({ code: 'EPIPE', name: 'BrokenPipeError' })
    }))

  test('fails a read from a pipe that is closed in the meantime, and rejects invalid sizes', () =>
    run(function* () {
      const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE, text: true })
      for (const size of [-2, 1.5, NaN, '1'])
        expect(() => program.stdout.read(size as never)).toThrow('Expected `size` to be a whole number from -1 up')
      expect(yield* program.stdout.read(0)).toBe('')
      const reader = spawn(() => failure(program.stdout.read()))
      yield* sleep(0)
      program.stdout.close()
      expect(((yield* reader) as Error).message).toContain('read of closed file')
      const all = new Popen(['printf', 'all'], { stdout: PIPE, text: true })
      expect(yield* all.stdout.read(-1)).toBe('all')
      yield* program.communicate()
      expect(String(program)).toBe('<Popen: returncode: 0 args: ["cat"]>')
      yield* all.wait()
    }))

  test('write throws immediately and from then on once the program has closed its input, and communicate still works', () =>
    run(function* () {
      const program = new Popen(['sh', '-c', 'exec <&-; echo closed; exec sleep 60'], {
        stdin: PIPE,
        stdout: PIPE,
        text: true,
      })
      expect(yield* program.stdout.readline()).toBe('closed\n')
      expect(yield* failure(program.stdin.write('x'))).toMatchObject({ code: 'EPIPE', name: 'BrokenPipeError' })
      expect(yield* failure(program.stdin.write('x'))).toMatchObject({ code: 'EPIPE', name: 'BrokenPipeError' })
      expect(yield* failure(program.stdin.flush())).toMatchObject({ code: 'EPIPE', name: 'BrokenPipeError' })
      expect(() => program.stdin.write(5 as never)).toThrow('Expected `data`')
      program.kill()
      expect(yield* program.communicate()).toEqual(['', undefined])
      const other = new Popen(['sh', '-c', 'exec <&-; echo closed'], { stdin: PIPE, stdout: PIPE, text: true })
      expect(yield* other.communicate('x'.repeat(1 << 20))).toEqual(['closed\n', undefined])
    }))

  test('can be waited for together with other objects', () =>
    run(function* () {
      const quick = new Popen(['true'])
      const slow = new Popen(['sleep', '60'])
      const never = new Event()
      expect(yield* wait([slow, never, quick], { count: 1 })).toEqual([quick])
      slow.kill()
      expect(yield* wait([slow])).toEqual([slow])
      expect(yield* wait([slow], { timeout: 1000 })).toEqual([slow])
    }))

  test('survives the kill of its waiter', () =>
    run(function* () {
      const program = new Popen(['sleep', '60'], { stdin: DEVNULL, stdout: DEVNULL })
      const waiter = spawn(() => program.wait())
      yield* sleep(0)
      yield* waiter.kill()
      expect(yield* withTimeout(20, () => program.wait(), { timeoutValue: 'still there' })).toBe('still there')
      program.kill()
      yield* program.wait()
    }))
})
