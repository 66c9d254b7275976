import { createHash } from 'node:crypto'
import { attempt, type Coroutine, GreenletExit, sleep, spawn } from '@greenlit/core'
import { PIPE, Popen, STDOUT, TimeoutExpired } from '@greenlit/process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { guardLeaks, run } from '../guard.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 15

interface Program {
  /** How many bytes it is given. */
  readonly size: number
  /** Where its standard error goes, to which it copies its input; else it copies it to its standard output. */
  readonly errors: 'none' | 'piped' | 'merged'
  readonly exitcode: number
  /** Calls of `communicate` that are disturbed before one that is not. */
  readonly calls: readonly { readonly kind: 'timeout' | 'kill'; readonly after: number }[]
  /** After how many milliseconds it is killed. */
  readonly dies: number | undefined
  /** How many bytes each read takes, rather than `communicate`. */
  readonly reads: number | undefined
}

const programs: fc.Arbitrary<Program> = fc.record({
  size: fc.oneof(fc.nat(10), fc.nat(5000), fc.integer({ min: 60_000, max: 400_000 })),
  errors: fc.constantFrom('none', 'piped', 'merged'),
  exitcode: fc.nat(3),
  calls: fc.array(fc.record({ kind: fc.constantFrom('timeout' as const, 'kill' as const), after: fc.nat(4) }), {
    maxLength: 4,
  }),
  dies: fc.option(fc.nat(6), { nil: undefined, freq: 3 }),
  reads: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined, freq: 3 }),
})

function dataOf(size: number): Buffer {
  const block = createHash('sha512').update(String(size)).digest()
  return Buffer.from(Array.from({ length: size }, (_, index) => block[index % block.length]! ^ ((index >> 6) & 255)))
}

type Piped = Popen<{ stdin: typeof PIPE; stdout: typeof PIPE; stderr: typeof PIPE }>

/** Reads the output piece by piece while the input is written, with reads that are killed in between. */
function* readAll(program: Piped, input: Buffer, { reads, calls }: Program): Coroutine<Buffer> {
  const writing = spawn(function* () {
    yield* attempt(program.stdin.write(input))
    yield* attempt(program.stdin.close())
  })
  const pieces: Uint8Array[] = []
  for (let call = 0; ; call += 1) {
    const disturbance = calls[call]
    const reading = spawn(() => program.stdout.read(reads!))
    if (disturbance !== undefined) {
      for (let turn = 0; turn < disturbance.after; turn += 1) yield* sleep(turn % 2)
      yield* reading.kill()
    }
    const piece: unknown = yield* reading
    if (piece instanceof GreenletExit) continue
    const bytes = piece as Uint8Array
    if (bytes.length === 0) break
    pieces.push(bytes)
  }
  yield* writing
  return Buffer.concat(pieces)
}

/** Communicates, as often as it takes. */
function* communicate(program: Piped, input: Buffer, { calls }: Program): Coroutine<Buffer[]> {
  // The input is given once.
  const first = yield* attempt(program.communicate({ input, timeout: 0 }))
  if (!first.ok) expect(first.error).toBeInstanceOf(TimeoutExpired)
  for (const { kind, after } of calls) {
    const calling = spawn(() => attempt(program.communicate(kind === 'timeout' ? { timeout: after } : {})))
    if (kind === 'kill') {
      for (let turn = 0; turn < after; turn += 1) yield* sleep(turn % 2)
      yield* calling.kill()
    }
    const outcome: unknown = yield* calling
    if (outcome instanceof GreenletExit) continue
    const { error } = outcome as { error?: unknown }
    if (error !== undefined) expect(error).toBeInstanceOf(TimeoutExpired)
  }
  const output: unknown[] = yield* program.communicate()
  return output.map((bytes) => Buffer.from((bytes as Uint8Array | undefined) ?? []))
}

test(`a program gets all its input and gives all its output, whatever is killed or expires (seed ${seed})`, () => {
  const check = function* (given: Program): Coroutine<void> {
    const { size, errors, exitcode, dies, reads } = given
    const program = new Popen(['sh', '-c', `cat ${errors === 'none' ? '' : '>&2'}; exit ${exitcode}`], {
      stdin: PIPE,
      stdout: PIPE,
      ...(errors !== 'none' && { stderr: errors === 'piped' ? PIPE : STDOUT }),
    }) as Piped
    const input = dataOf(size)
    const killing = spawn(function* () {
      if (dies === undefined) return
      yield* sleep(dies)
      program.kill()
    })
    const reading = reads !== undefined && errors !== 'piped'
    const outputs = reading ? [yield* readAll(program, input, given)] : yield* communicate(program, input, given)
    const output = outputs[errors === 'piped' ? 1 : 0]!
    if (errors === 'piped') expect(outputs[0]!.length).toBe(0)
    const code = yield* program.wait()
    yield* killing
    if (dies === undefined) {
      expect(code).toBe(exitcode)
      expect(output.equals(input)).toBe(true)
    } else {
      expect([exitcode, -9]).toContain(code)
      // The shell dies alone, and `cat` goes on to the end.
      expect(output.equals(input.subarray(0, output.length))).toBe(true)
    }
    expect(program.poll()).toBe(code)
    // It is no zombie.
    expect(() => process.kill(program.pid, 0)).toThrow('ESRCH')
    for (const pipe of [program.stdin, program.stdout]) pipe.close()
  }
  return fc.assert(
    fc.asyncProperty(programs, (program) => run(() => check(program))),
    { seed, numRuns: RUNS },
  )
})
