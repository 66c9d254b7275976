import { PIPE, Popen, TimeoutExpired } from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { TextCodec } from '../../src/subprocess/text-codec.ts'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()

describe('the text of a pipe', () => {
  test('has lines that end as on any system', () =>
    run(function* () {
      const program = new Popen(['printf', '1\n2\r3\r\n\r4\r'], { stdout: PIPE, text: true })
      expect(yield* program.stdout.readline()).toBe('1\n')
      expect(yield* program.stdout.readlines()).toEqual(['2\n', '3\n', '\n', '4\n'])
      yield* program.wait()
    }))

  test('has lines in two-byte encodings as well, whatever bytes the characters have', () => {
    const codec = new TextCodec('utf16le', undefined)
    const bytes = codec.encode('ਊč\r\nx\ry')
    const first = codec.lineLength(bytes, false)
    expect(codec.decode(bytes.subarray(0, first))).toBe('ਊč\n')
    const rest = bytes.subarray(first)
    expect(codec.decode(rest.subarray(0, codec.lineLength(rest, false)))).toBe('x\n')
    expect(codec.lineLength(codec.encode('x\r'), false)).toBe(-1)
    expect(codec.lineLength(codec.encode('x\r'), true)).toBe(4)
    expect(codec.wholeLength(codec.encode('č'), 2, false)).toBe(2)
    expect(codec.wholeLength(codec.encode('😀').subarray(0, 2), 2, false)).toBe(0)
  })

  test('is read with replacement characters, unless malformed bytes are an error or ignored', () => {
    const bytes = Buffer.from('\ufffda\xff\xfe', 'utf8').subarray(0, 4)
    const bad = Buffer.concat([bytes, Buffer.from([0xff, 0x80])])
    expect(new TextCodec('utf8', undefined).decode(bad)).toBe('\ufffda\ufffd\ufffd')
    expect(new TextCodec('utf8', 'replace').decode(bad)).toBe('\ufffda\ufffd\ufffd')
    expect(new TextCodec('utf8', 'ignore').decode(bad)).toBe('\ufffda')
    expect(() => new TextCodec('utf8', 'strict').decode(bad)).toThrow('utf8')
    expect(new TextCodec('utf8', 'strict').decode(bytes)).toBe('\ufffda')
    expect(new TextCodec('ascii', undefined).decode(Buffer.from([0x61, 0xe9]))).toBe('a\ufffd')
    expect(new TextCodec('ascii', 'ignore').decode(Buffer.from([0x61, 0xe9]))).toBe('a')
    expect(() => new TextCodec('ascii', 'strict').decode(Buffer.from([0xe9]))).toThrow(RangeError)
    expect(new TextCodec('ascii', 'strict').decode(Buffer.from('ab\r\n'))).toBe('ab\n')
  })

  test('keeps a byte order mark, as Python does', () => {
    for (const errors of [undefined, 'strict', 'replace', 'ignore'] as const) {
      expect(new TextCodec('utf8', errors).decode(Buffer.from('\ufeffa'))).toBe('\ufeffa')
      expect(new TextCodec('utf16le', errors).decode(Buffer.from('\ufeffa', 'utf16le'))).toBe('\ufeffa')
    }
  })

  test('is read by whole characters, however few bytes were asked for', () =>
    run(function* () {
      const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE, text: true })
      for (const text of ['é', '€', '😀', 'a']) {
        yield* program.stdin.write(text)
        expect(yield* program.stdout.read(1)).toBe(text)
      }
      program.stdin.close()
      expect(yield* program.stdout.read(1)).toBe('')
      yield* program.wait()
    }))

  test('may be incomplete as long as more can arrive', () => {
    const bad = Buffer.from([0x61, 0xff, 0x80, 0x0d, 0x0a, 0xc3])
    for (const errors of [undefined, 'replace', 'strict'] as const)
      expect(new TextCodec('utf8', errors).decodePart(bad)).toBe('a\ufffd\ufffd\n\ufffd')
    expect(new TextCodec('utf8', 'ignore').decodePart(bad)).toBe('a\n')
    expect(new TextCodec('ascii', 'strict').decodePart(bad)).toBe('a\ufffd\ufffd\n\ufffd')
  })

  test('may be incomplete in a TimeoutExpired, even if the program has closed its output', () =>
    run(function* () {
      const command = "printf 'a\\377'; exec sleep 60 >&- 2>&-"
      const program = new Popen(command, { shell: true, stdout: PIPE, errors: 'strict' })
      for (let ended = false; !ended; ) {
        const error = yield* failure(program.communicate({ timeout: 5 }))
        expect(error).toBeInstanceOf(TimeoutExpired)
        ended = (error as TimeoutExpired).output === 'a\ufffd'
      }
      expect(yield* failure(program.communicate({ timeout: 50 }))).toMatchObject({ output: 'a\ufffd' })
      program.kill()
      expect(yield* failure(program.communicate())).toBeInstanceOf(RangeError)
    }))

  test('is never written as other text', () => {
    expect(new TextCodec('latin1', undefined).encode('é')).toEqual(Buffer.from([0xe9]))
    expect(() => new TextCodec('latin1', undefined).encode('a€')).toThrow('Expected text that latin1 can write')
    expect(() => new TextCodec('ascii', 'strict').encode('é')).toThrow(RangeError)
    expect(new TextCodec('ascii', 'replace').encode('é😀!').toString()).toBe('??!')
    expect(new TextCodec('ascii', 'ignore').encode('é!').toString()).toBe('!')
  })

  test('can be strict, and can be enabled by its older name', () =>
    run(function* () {
      const strict = new Popen(['printf', '\\377'], { stdout: PIPE, errors: 'strict' })
      expect(yield* failure(strict.communicate())).toBeInstanceOf(RangeError)
      yield* strict.wait()
      const older = new Popen(['echo', 'x'], { stdout: PIPE, universalNewlines: true })
      expect((yield* older.communicate())[0]).toBe('x\n')
    }))

  test('loses nothing when lines do not arrive in time', () =>
    run(function* () {
      const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE, text: true })
      yield* program.stdin.write('one\ntwo')
      expect((yield* failure(program.stdout.readlines({ timeout: 50 }))).name).toBe('TimeoutError')
      program.stdin.close()
      expect(yield* program.stdout.readlines()).toEqual(['one\n', 'two'])
      expect(program.stdout.closed).toBe(false)
      program.stdout.close()
      expect(program.stdout.closed).toBe(true)
      yield* program.wait()
    }))
})
