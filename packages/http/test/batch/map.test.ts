import { attempt, Event, each, GreenletExit, sleep, spawn, Timeout, withTimeout } from '@greenlit/core'
import { expect, test } from 'vitest'
import { imap, imapEnumerated, imapUnordered, map } from '../../src/batch/map.ts'
import { ConnectionError } from '../../src/errors/connection-error.ts'
import { MissingSchema } from '../../src/errors/missing-schema.ts'
import { RequestTimeout } from '../../src/errors/request-timeout.ts'
import { Request } from '../../src/request/request.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { loopTurns } from '../support/loop-turns.ts'
import { closedPort } from '../support/raw-server.ts'
import { useClosing, useSession } from '../support/session.ts'
import { startSite } from '../support/site.ts'

guardLeaks()

onEachEngine('many requests', (makeEngine) => {
  const site = useClosing(() =>
    startSite({
      '/after': async (request, response) => {
        const milliseconds = Number(new URL(request.url!, 'http://site').searchParams.get('ms'))
        await new Promise((resolve) => setTimeout(resolve, milliseconds))
        response.end(String(milliseconds))
      },
    }),
  )
  const session = useSession(makeEngine)
  const after = (milliseconds: number) => `${site.current.url}/after?ms=${milliseconds}`

  test('never exceed the allowed number at once, and are returned in order', async () => {
    const times = [60, 1, 30, 2, 3, 50, 1, 1, 20, 2]
    const outcomes = await map(times.map(after), { size: 3, session: session.current })
    expect(outcomes.map((outcome) => outcome.ok && outcome.value.text)).toEqual(times.map(String))
    expect(site.current.mostAtOnce()).toBe(3)
  })

  test('that fail are outcomes like others', async () => {
    const refused = `http://127.0.0.1:${await closedPort()}/`
    const outcomes = await map([after(1), refused, 'no url', after(2)], { session: session.current })
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false, true])
    expect((outcomes[1] as { error: Error }).error).toBeInstanceOf(ConnectionError)
    expect((outcomes[2] as { error: Error }).error).toBeInstanceOf(MissingSchema)
  })

  test('that hit their own timeout, or exit, are outcomes too', async () => {
    const { current } = session
    const late = function* () {
      yield* withTimeout(1, () => new Event().wait())
      return yield* current.get(after(1))
    }
    const gone = () => {
      throw new GreenletExit()
    }
    const outcomes = await map([after(1), late, gone, after(2)], { size: 1, session: current })
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false, true])
    expect((outcomes[1] as { error: Error }).error).toBeInstanceOf(Timeout)
    expect((outcomes[2] as { error: Error }).error).toBeInstanceOf(GreenletExit)
    const handled = await map([late], { exceptionHandler: (_, error) => error.name })
    expect(handled).toEqual([{ ok: true, value: 'Timeout' }])
  })

  test('may be URLs, objects, requests, operations and functions', async () => {
    const url = `${site.current.url}/echo`
    const { current } = session
    const outcomes = await map(
      [
        url,
        new URL(url),
        { url, method: 'PUT', data: 'a' },
        new Request('POST', url, { data: 'b' }),
        current.patch(url),
        () => current.delete(url),
        function* () {
          return yield* current.options(url)
        },
      ],
      { session: current, headers: { 'X-Common': 'yes' } },
    )
    const methods = outcomes.map((outcome) => outcome.ok && outcome.value.json<{ method: string }>().method)
    expect(methods).toEqual(['GET', 'GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'])
    const common = site.current.seen.filter(({ headers }) => headers['x-common'] === 'yes')
    expect(common).toHaveLength(4)
  })

  test('may come from a generator that blocks between them', async () => {
    const steps: string[] = []
    function* source() {
      try {
        for (const delay of [1, 2, 3]) {
          yield* sleep(5)
          yield after(delay)
        }
      } finally {
        yield* sleep(1)
        steps.push('closed')
      }
    }
    const outcomes = await map(source(), { size: 2, session: session.current })
    expect(outcomes.map((outcome) => outcome.ok && outcome.value.text)).toEqual(['1', '2', '3'])
    const some = imap(source(), { size: 1, session: session.current })
    await some.next()
    some.close()
    await expect.poll(() => steps).toEqual(['closed', 'closed'])
  })

  test('that fail can be handled', async () => {
    expect(() => map([], { exceptionHandler: 'log' as never })).toThrow('Expected `exceptionHandler` to be a function')
    const seen: unknown[] = []
    const outcomes = await map(['no url', 'none either'], {
      exceptionHandler(request, error) {
        seen.push([request, error.name])
        return request === 'no url' ? 'instead' : undefined
      },
    })
    expect(seen).toEqual([
      ['no url', 'MissingSchema'],
      ['none either', 'MissingSchema'],
    ])
    expect(outcomes[0]).toEqual({ ok: true, value: 'instead' })
    expect(outcomes[1]!.ok).toBe(false)
  })

  test('that fail may have a handler that fails, and others are not handled', async () => {
    const [failed, fine] = await map(['no url', after(1)], {
      session: session.current,
      exceptionHandler(_, error) {
        throw new RangeError('not handled', { cause: error })
      },
    })
    expect((failed as { error: Error }).error).toMatchObject({ name: 'RangeError', cause: { name: 'MissingSchema' } })
    expect(fine!.ok).toBe(true)
  })

  test('that are late all fail', async () => {
    const outcomes = await map([after(1), after(5000), after(5000)], {
      gtimeout: 1000,
      size: 2,
      session: session.current,
    })
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false])
    expect((outcomes[2] as { error: Error }).error).toBeInstanceOf(RequestTimeout)
    await expect.poll(() => site.current.open()).toBeLessThanOrEqual(1)
  })

  test('are yielded as they complete', async () => {
    const order: string[] = []
    await each(imap([after(400), after(1), after(150)], { session: session.current }), (outcome) => {
      order.push(outcome.ok ? outcome.value.text : '')
    })
    expect(order).toEqual(['1', '150', '400'])
  })

  test('are yielded with their index', async () => {
    const order: number[] = []
    for await (const [index, outcome] of imapEnumerated([after(300), after(1)], { session: session.current })) {
      expect(outcome.ok).toBe(true)
      order.push(index)
    }
    expect(order).toEqual([1, 0])
  })

  test('are read from their source as outcomes are taken', async () => {
    let pulled = 0
    function* source() {
      for (;;) {
        pulled += 1
        yield after(0)
      }
    }
    const outcomes = imap(source(), { size: 3, session: session.current })
    await loopTurns()
    expect(pulled).toBe(0)
    for (let taken = 1; taken <= 10; taken += 1) {
      await outcomes.next()
      await loopTurns()
      expect(pulled).toBeLessThanOrEqual(taken + 3)
    }
    outcomes.close()
    expect(await outcomes.next()).toEqual({ done: true, value: undefined })
  })

  test('may come from an async source', async () => {
    async function* source() {
      for (let index = 0; index < 5; index += 1) yield after(index)
    }
    expect(await map(source(), { size: 2, session: session.current })).toHaveLength(5)
  })

  test('end with the failure of their source', async () => {
    function* source() {
      yield after(1)
      throw new RangeError('the source broke')
    }
    const result = await attempt(map(source(), { session: session.current }))
    expect((result as { error: Error }).error.message).toBe('the source broke')
  })

  test('end with a kill of the waiting greenlet, and close their connections', async () => {
    const started = new Event()
    const urls = Array.from({ length: 20 }, () => `${site.current.url}/never`)
    const greenlet = spawn(function* () {
      started.set()
      return yield* map(urls, { size: 5, session: session.current })
    })
    await started.wait()
    await expect.poll(() => site.current.seen.length).toBe(5)
    await greenlet.kill()
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('end with a kill of the greenlet in `next`', async () => {
    const outcomes = imap(
      ['/never', '/never'].map((path) => site.current.url + path),
      { session: session.current },
    )
    const greenlet = spawn(function* () {
      return yield* outcomes.next()
    })
    await expect.poll(() => site.current.seen.length).toBe(2)
    await greenlet.kill()
    await expect.poll(() => site.current.open()).toBe(0)
    expect(await outcomes.next()).toEqual({ done: true, value: undefined })
  })

  test('close their source if they are closed early, and only then', async () => {
    const released: string[] = []
    const source = (name: string): Iterable<string> => {
      const urls = [after(1), after(2)].values()
      const iterator = { next: () => urls.next(), return: () => ({ done: true as const, value: released.push(name) }) }
      return { [Symbol.iterator]: () => iterator }
    }
    await map(source('read to its end'), { session: session.current })
    const outcomes = imap(source('closed early'), { size: 1, session: session.current })
    await outcomes.next()
    outcomes.close()
    await expect.poll(() => released).toEqual(['closed early'])
  })

  test('that are closed before the first `next` never start', async () => {
    const outcomes = imap([after(1)], { session: session.current })
    outcomes.close()
    expect(await outcomes.next()).toEqual({ done: true, value: undefined })
    expect(site.current.seen).toEqual([])
  })

  test('that are late are reported as far as they were started, if their number is unknown', async () => {
    function* source() {
      for (;;) yield `${site.current.url}/never`
    }
    const outcomes = await map(source(), { gtimeout: 20, size: 2, session: session.current })
    expect(outcomes.map(({ ok }) => ok)).toEqual([false, false])
    const known = Array.from({ length: 3 }, () => `${site.current.url}/never`)
    expect(await map(known, { gtimeout: 20, size: 1, session: session.current })).toHaveLength(3)
  })

  test('that are not done in time can be handled, each once', async () => {
    const urls = [after(1), ...Array.from({ length: 3 }, (_, n) => `${site.current.url}/never?${n}`)]
    const seen: unknown[] = []
    const exceptionHandler = (request: unknown, error: Error) => {
      seen.push([request, error.constructor])
      return request === urls[3] ? 'handled' : undefined
    }
    const outcomes = await map(urls, { gtimeout: 100, size: 2, session: session.current, exceptionHandler })
    expect(seen).toEqual(urls.slice(1).map((url) => [url, RequestTimeout]))
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false, true])
    expect(outcomes[3]).toEqual({ ok: true, value: 'handled' })
    const slow = function* () {
      seen.push('slow')
      yield* new Event().wait()
    }
    seen.length = 0
    const unhandled = await map(new Set(['no url']), { gtimeout: 20, exceptionHandler: slow })
    expect([seen, unhandled.map(({ ok }) => ok)]).toEqual([['slow'], [false]])
  })

  test('end with a Timeout object passed in, and leave none running', async () => {
    const timeout = new Timeout(20)
    const never = [`${site.current.url}/never`]
    await expect(async () => await map(never, { gtimeout: timeout, session: session.current })).rejects.toBe(timeout)
    await spawn(function* () {
      yield* map([after(1)], { gtimeout: 200, size: Infinity, session: session.current })
      yield* sleep(250)
    })
  })

  test('are made by the given session', async () => {
    session.current.headers.set('X-Session', 'yes')
    await map([after(1)], { session: session.current })
    expect(site.current.seen[0]!.headers['x-session']).toBe('yes')
  })

  test('that are invalid fail alone, and say what was expected', async () => {
    const outcomes = await map([5, null, {}, after(1)] as never, { session: session.current })
    const messages = outcomes.map((outcome) => (outcome.ok ? '' : outcome.error.message))
    expect(messages[3]).toBe('')
    for (const message of messages.slice(0, 3)) expect(message).toMatch(/^Expected a request to be a URL, .* got /)
  })

  test('continue after a timeout of the consumer', async () => {
    const outcomes = imap([after(100), after(120)], { session: session.current })
    expect(await withTimeout(20, () => outcomes.next(), { timeoutValue: 'late' })).toBe('late')
    const texts: string[] = []
    await each(outcomes, (outcome) => void texts.push(outcome.ok ? outcome.value.text : ''))
    expect(texts).toEqual(['100', '120'])
  })
})

test('invalid arguments are rejected immediately', () => {
  expect(() => map(undefined as never)).toThrow(/requests/)
  expect(() => map('http://example.org/' as never)).toThrow(/requests/)
  expect(() => map(null as never)).toThrow(/^Expected `requests`/)
  expect(() => map({} as never)).toThrow(/^Expected `requests`/)
  expect(() => map([], { size: 0 })).toThrow(/size/)
  expect(() => imap([], { size: 1.5 })).toThrow(/size/)
})

test.each([
  [{ timeout: 'soon' }, TypeError, '`timeout`'],
  [{ timeout: [1, 2, 3] }, RangeError, '`timeout`'],
  [{ timeout: 0 }, RangeError, '`timeout`'],
  [{ maxSize: -1 }, RangeError, '`maxSize`'],
  [{ headers: 3 }, TypeError, '`headers`'],
  [{ hooks: 3 }, TypeError, '`hooks`'],
])('refuses %j at the call, even without requests', (options, kind, name) => {
  for (const batch of [map, imap, imapUnordered, imapEnumerated]) {
    expect(() => batch([], options as never)).toThrow(kind)
    expect(() => batch([], options as never)).toThrow(name)
  }
})

test('does not read a shared body to check the options', () => {
  let read = 0
  function* body() {
    read += 1
    yield 'x'
  }
  map([], { data: body() })
  expect(read).toBe(0)
})
