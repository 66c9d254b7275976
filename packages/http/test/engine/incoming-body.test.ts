import { attempt, joinall, run, spawn } from '@greenlit/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Limits } from '../../src/engine/engine.ts'
import { type BodyFlow, IncomingBody } from '../../src/engine/incoming-body.ts'
import { ChunkedEncodingError } from '../../src/errors/chunked-encoding-error.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { useClosing, useSession } from '../support/session.ts'
import { startSite } from '../support/site.ts'

guardLeaks()

const NO_LIMITS: Limits = { connect: undefined, read: undefined, deadline: undefined, minRate: undefined }
const LIMITED: Limits = { ...NO_LIMITS, read: 60_000 }
const PIECE = Buffer.alloc(128 * 1024, 'x')

describe('a body whose connection delivers bytes as soon as it is resumed', () => {
  let then: (body: IncomingBody) => void
  let body: IncomingBody
  let calls: string[]

  beforeEach(() => {
    calls = []
    const flow: BodyFlow = {
      pause: () => calls.push('pause'),
      resume: () => {
        calls.push('resume')
        then(body)
      },
      abort: () => calls.push('abort'),
      draining: new Set(),
    }
    body = new IncomingBody({ host: 'example.org' }, flow, undefined)
    body.push(PIECE)
    expect(calls).toEqual(['pause'])
  })

  afterEach(() => expect(calls.slice(0, 2)).toEqual(['pause', 'resume']))

  test.each([NO_LIMITS, LIMITED])('is complete if the rest is received synchronously', async (limits) => {
    then = () => {
      body.push(PIECE)
      body.end()
    }
    expect(await run(() => body.readAll(limits, Infinity))).toHaveLength(2 * PIECE.length)
  })

  test('is complete if some is received synchronously and the rest later', async () => {
    then = () => body.push(PIECE)
    const reader = spawn(() => body.readAll(LIMITED, Infinity))
    const server = spawn(function* () {
      body.push(PIECE)
      body.end()
    })
    await joinall([reader, server])
    expect(reader.value).toHaveLength(3 * PIECE.length)
  })

  test('yields each piece received synchronously', async () => {
    then = () => {
      body.push(PIECE)
      body.end()
    }
    const lengths = await run(function* () {
      const found: (number | undefined)[] = []
      for (let times = 0; times < 3; times += 1) found.push((yield* body.read(LIMITED))?.length)
      return found
    })
    expect(lengths).toEqual([PIECE.length, PIECE.length, undefined])
  })

  test.each(['readAll', 'read'] as const)('breaks off, if it does so at once, for %s', async (method) => {
    const failure = new ChunkedEncodingError('cut off')
    then = () => body.fail(failure)
    if (method === 'read') await run(() => body.read(LIMITED))
    expect(await run(() => attempt(body[method](LIMITED, Infinity)))).toEqual({ ok: false, error: failure })
  })

  test('is rejected if too much is received synchronously', async () => {
    then = () => body.push(PIECE)
    expect(await run(() => attempt(body.readAll(LIMITED, PIECE.length)))).toMatchObject({
      ok: false,
      error: { name: 'ResponseTooLarge' },
    })
    expect(calls).toEqual(['pause', 'resume', 'abort'])
  })
})

describe('an unwanted body', () => {
  const bodyOf = (length?: number) => {
    const calls: string[] = []
    const flow: BodyFlow = {
      pause: () => calls.push('pause'),
      resume: () => calls.push('resume'),
      abort: () => calls.push('abort'),
      draining: new Set(),
    }
    return { calls, body: new IncomingBody({ host: 'example.org' }, flow, length) }
  }
  const most = 64 * 1024

  test('is drained up to a limit, and beyond it closes its connection', () => {
    const { body, calls } = bodyOf()
    body.push(Buffer.alloc(most))
    body.discard()
    body.push(Buffer.alloc(most))
    expect(calls).toEqual([])
    body.push(Buffer.alloc(1))
    body.push(Buffer.alloc(1))
    expect(calls).toEqual(['abort'])
    expect(body.available).toBe(0)
  })

  test.each([
    [most + 1, undefined],
    [0, most + 1],
    [1, most + 2],
  ])('closes its connection immediately if %d bytes of %s were received', (came, length) => {
    const { body, calls } = bodyOf(length)
    body.push(Buffer.alloc(came))
    body.discard()
    expect(calls).toEqual(['abort'])
  })

  test.each([
    ['has ended', (body: IncomingBody) => body.end()],
    ['broke off', (body: IncomingBody) => body.fail(new Error('gone'))],
  ])('leaves the connection alone if it %s', (_how, end) => {
    const { body, calls } = bodyOf(most + 1)
    body.push(Buffer.alloc(1))
    body.discard()
    end(body)
    body.push(Buffer.alloc(most + 1))
    body.discard()
    body.destroy()
    expect(calls).toEqual([])
  })

  test('fails for a later reader, even if all of it was received in the meantime', async () => {
    const { body } = bodyOf(1)
    body.discard()
    body.push(Buffer.alloc(1))
    body.end()
    await expect(body.read(NO_LIMITS)).rejects.toThrow('was closed before its end')
    await expect(body.readAll(NO_LIMITS, Infinity)).rejects.toThrow('was closed before its end')
    expect(body.whole(Infinity)).toBeUndefined()
  })
})

describe('a body of a declared length', () => {
  const flow: BodyFlow = { pause() {}, resume() {}, abort() {}, draining: new Set() }
  const text = 'A body comes in pieces, and is read as one.'

  function bodyOf(length: number, ...before: string[]): IncomingBody {
    const body = new IncomingBody({ host: 'example.org' }, flow, length)
    for (const piece of before) body.push(Buffer.from(piece))
    return body
  }

  async function readWith(body: IncomingBody, server: () => void, most = Infinity) {
    const reader = spawn(() => attempt(body.readAll(NO_LIMITS, most)))
    await joinall([reader, spawn(server)])
    const outcome = reader.value!
    return outcome.ok ? String(outcome.value) : outcome.error
  }

  test.each([0, 1, 2, 3])('is complete, with %i of its pieces received before the reader', async (early) => {
    const pieces = [text.slice(0, 10), text.slice(10, 11), text.slice(11)]
    const body = bodyOf(text.length, ...pieces.slice(0, early))
    const read = await readWith(body, () => {
      for (const piece of pieces.slice(early)) body.push(Buffer.from(piece))
      body.end()
    })
    expect(read).toBe(text)
  })

  test.each([text.length - 1, 12, 10, 1, Number.NaN])(
    'is complete if it is longer than the declared %d',
    async (length) => {
      const body = bodyOf(length, text.slice(0, 5))
      const read = await readWith(body, () => {
        for (let at = 5; at < text.length; at += 5) body.push(Buffer.from(text.slice(at, at + 5)))
        body.end()
      })
      expect(read).toBe(text)
    },
  )

  test('is what was received if it is shorter than declared', async () => {
    const body = bodyOf(1000, text.slice(0, 5))
    const read = await readWith(body, () => {
      body.push(Buffer.from(text.slice(5)))
      body.end()
    })
    expect(read).toBe(text)
  })

  test('is rejected as soon as there is too much of it', async () => {
    const body = bodyOf(text.length, text.slice(0, 5))
    const error = await readWith(body, () => body.push(Buffer.from(text.slice(5))), 10)
    expect(error).toMatchObject({ name: 'ResponseTooLarge' })
  })

  test('allocates no memory just because the server declares it', async () => {
    const before = process.memoryUsage().arrayBuffers
    const body = bodyOf(2 ** 26, text)
    const read = await readWith(body, () => {
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 25)
      body.end()
    })
    expect(read).toBe(text)
  })

  test('can be read in pieces after a read of the whole failed because it broke off', async () => {
    const body = bodyOf(text.length, text.slice(0, 5))
    const failure = new ChunkedEncodingError('cut off')
    expect(await readWith(body, () => body.fail(failure))).toBe(failure)
    expect(String(await run(() => body.read(NO_LIMITS)))).toBe(text.slice(0, 5))
  })
})

onEachEngine('bodies of 100 KiB', (makeEngine) => {
  const size = 100 * 1024
  const site = useClosing(() => startSite())
  const session = useSession(makeEngine)

  test('arrive complete, many at a time', async () => {
    const url = `${site.current.url}/bytes/${size}`
    const greenlets = Array.from({ length: 20 }, () =>
      spawn(function* () {
        const sizes: number[] = []
        for (let times = 0; times < 10; times += 1) sizes.push((yield* session.current.get(url)).content.length)
        return sizes
      }),
    )
    await joinall(greenlets, { raiseError: true })
    expect(new Set(greenlets.flatMap(({ value }) => value))).toEqual(new Set([size]))
  })
})
