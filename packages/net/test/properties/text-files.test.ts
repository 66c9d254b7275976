import { attempt, type Coroutine, type Greenlet, GreenletExit, type Operation, sleep, spawn } from '@greenlit/core'
import { type Socket, socketpair, type TextFile } from '@greenlit/net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { run } from '../pair.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 60

const ENCODINGS = ['utf-8', 'utf-8-sig', 'utf-16', 'utf-16-le', 'utf-16-be'] as const
const NEWLINES = [undefined, '', '\n', '\r', '\r\n'] as const

interface Read {
  readonly kind: 'read' | 'readline' | 'next' | 'readlines'
  readonly size: number
  /** After how many turns of the hub the call is killed, if at all. */
  readonly killed: number | null
}

const text = fc
  .array(fc.constantFrom('a', 'b', '\n', '\r', '\r\n', '\u00e9', '\u20ac', '\u{1f600}', '\u2028', '\ufeff'), {
    maxLength: 40,
  })
  .map((parts) => parts.join(''))

const program = fc.record({
  encoding: fc.constantFrom(...ENCODINGS),
  newline: fc.constantFrom(...NEWLINES),
  text,
  /** After how many bytes the stream is split, over and over. */
  pieces: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
  reads: fc.array(
    fc.record<Read>({
      kind: fc.constantFrom('read', 'readline', 'next', 'readlines'),
      size: fc.integer({ min: 1, max: 12 }),
      killed: fc.option(fc.nat(4)),
    }),
    { minLength: 1, maxLength: 10 },
  ),
})

type Newline = (typeof NEWLINES)[number]

/** The characters that a reader of the text gets. */
function translated(text: string, newline: Newline): string[] {
  return Array.from(newline === undefined ? text.replaceAll(/\r\n?/g, '\n') : text)
}

/** The first line of the characters, which the last line may be without its end. */
function firstLine(characters: readonly string[], newline: Newline): string[] {
  const end = { '': /\r\n|\r|\n/, '\n': /\n/, '\r': /\r/, '\r\n': /\r\n/ }[newline ?? '\n']
  const whole = characters.join('')
  const found = end.exec(whole)
  return found === null ? [...characters] : Array.from(whole.slice(0, found.index + found[0].length))
}

/** What a call returns for the characters that are left. */
function expected({ kind, size }: Read, left: readonly string[], newline: Newline): string[] {
  if (kind === 'read') return [left.slice(0, size).join('')]
  if (kind === 'readline') return [firstLine(left, newline).slice(0, size).join('')]
  if (kind === 'next') return [firstLine(left, newline).join('')]
  const lines: string[] = []
  let rest = left
  for (let total = 0; total <= size && rest.length > 0; ) {
    const line = firstLine(rest, newline)
    lines.push(line.join(''))
    total += line.length
    rest = rest.slice(line.length)
  }
  return lines
}

function* call(file: TextFile, { kind, size }: Read): Coroutine<string[]> {
  if (kind === 'readlines') return yield* file.readlines(size)
  if (kind === 'next') return [(yield* file.next()).value ?? '']
  return [yield* kind === 'read' ? file.read(size) : file.readline(size)]
}

/** Returns the result of a call in a greenlet of its own, or `undefined` if that was killed first. */
function* killable<T>(start: () => Operation<T>, turns: number | null): Coroutine<T | undefined> {
  const greenlet: Greenlet<T> = spawn(start)
  if (turns !== null) {
    for (let turn = 0; turn < turns; turn += 1) yield* sleep(0)
    yield* greenlet.kill()
  }
  const result: unknown = yield* greenlet
  return result instanceof GreenletExit ? undefined : (result as T)
}

function* sendPieces(socket: Socket, bytes: Buffer, pieces: readonly number[]): Coroutine<void> {
  let position = 0
  for (let index = 0; position < bytes.length; index += 1) {
    const size = pieces[index % pieces.length]!
    yield* socket.sendall(bytes.subarray(position, position + size))
    position += size
    yield* sleep(0)
  }
  socket.close()
}

/** Returns the bytes that a text file sends for a text, written character by character and in one call. */
function* written(text: string, encoding: string, newline: Newline): Coroutine<[Buffer, Buffer]> {
  const sent: Buffer[] = []
  // Even an empty text begins with the byte order mark, as in Python.
  for (const parts of [['', ...text], [text]]) {
    const [left, right] = socketpair()
    const file = left.makefile('w', 3, { encoding, newline })
    const sending = spawn(function* () {
      yield* file.writelines(parts)
      yield* file.close()
      left.close()
    })
    sent.push(yield* right.makefile('rb').read())
    yield* sending
    right.close()
  }
  return [sent[0]!, sent[1]!]
}

describe('a text file', () => {
  test(`reads every character once and in order, however the bytes are split and the calls are killed (seed ${seed})`, async () => {
    const check = (scene: typeof program extends fc.Arbitrary<infer T> ? T : never): Promise<void> =>
      run(function* () {
        const { encoding, newline, reads } = scene
        const bytes = Buffer.from(
          (encoding === 'utf-8-sig' || encoding === 'utf-16' ? '\ufeff' : '') + scene.text,
          encoding.startsWith('utf-16') ? 'utf16le' : 'utf8',
        )
        if (encoding === 'utf-16-be') bytes.swap16()
        const [left, right] = socketpair()
        const sending = spawn(sendPieces, left, bytes, scene.pieces)
        using file = right.makefile('r', undefined, { encoding, newline })
        let remaining = translated(scene.text, newline)
        for (let index = 0; remaining.length > 0; index += 1) {
          const read = reads[index % reads.length]!
          // Once around with kills, so that a program in which each call is killed ends too.
          const killed = index < reads.length ? read.killed : null
          const result = yield* killable(() => attempt(call(file, read)), killed)
          if (result === undefined) continue
          if (!result.ok) throw result.error
          expect(result.value).toEqual(expected(read, remaining, newline))
          remaining = remaining.slice(Array.from(result.value.join('')).length)
        }
        expect(yield* file.read()).toBe('')
        expect(yield* file.readlines()).toEqual([])
        yield* sending
        right.close()
      })
    await fc.assert(fc.asyncProperty(program, check), { seed, numRuns: RUNS })
  })

  test(`sends the same bytes however the text is split, and what it reads back is the text (seed ${seed})`, async () => {
    const check = (scene: { text: string; encoding: string; newline: Newline }): Promise<void> =>
      run(function* () {
        const [single, whole] = yield* written(scene.text, scene.encoding, scene.newline)
        expect(single).toEqual(whole)
        const [left, right] = socketpair()
        const sending = spawn(sendPieces, left, whole, [1])
        using file = right.makefile('r', undefined, { encoding: scene.encoding, newline: '' })
        const line = scene.newline === '\r' || scene.newline === '\r\n' ? scene.newline : '\n'
        const mark = scene.encoding === 'utf-16' ? /^\ufeff/ : /^(?!)/
        expect(yield* file.read()).toBe(scene.text.replaceAll('\n', line).replace(mark, ''))
        yield* sending
        right.close()
      })
    const scenes = fc.record({ text, encoding: fc.constantFrom(...ENCODINGS), newline: fc.constantFrom(...NEWLINES) })
    await fc.assert(fc.asyncProperty(scenes, check), { seed, numRuns: RUNS })
  })
})
