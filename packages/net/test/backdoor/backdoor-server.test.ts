import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Coroutine, joinall, Queue, sleep, spawn } from '@greenlit/core'
import {
  AF_UNIX,
  BackdoorServer,
  type BackdoorServerOptions,
  createConnection,
  type InetAddress,
  MSG_PEEK,
  type Socket,
  socket,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { run } from '../pair.ts'

guardLeaks()

const PROMPT = '>>> '

function* readPrompt(client: Socket): Coroutine<string> {
  let text = ''
  while (!text.endsWith(PROMPT)) {
    const data = yield* client.recv(4096, { timeout: 10_000 })
    if (data.length === 0) throw new Error(`The session has ended after ${JSON.stringify(text)}`)
    text += data
  }
  return text.slice(0, -PROMPT.length)
}

function* evaluate(client: Socket, line: string): Coroutine<string> {
  yield* client.sendall(`${line}\n`)
  return (yield* readPrompt(client)).trim()
}

function* serving(
  options: BackdoorServerOptions,
  work: (connect: () => Coroutine<Socket>, server: BackdoorServer) => Coroutine<unknown>,
): Coroutine<void> {
  const server = new BackdoorServer(['127.0.0.1', 0], options)
  yield* server.start()
  const clients: Socket[] = []
  try {
    yield* work(function* () {
      const client = yield* createConnection(server.address as InetAddress)
      clients.push(client)
      return client
    }, server)
  } finally {
    yield* server.stop({ timeout: 0 })
    for (const client of clients) client.close()
  }
}

test('evaluates in ten sessions at once', () =>
  run(function* () {
    yield* serving({ banner: 'welcome' }, function* (connect) {
      const session = function* () {
        const client = yield* connect()
        expect(yield* readPrompt(client)).toBe('welcome\n')
        return yield* evaluate(client, '2+2')
      }
      const sessions = yield* joinall(Array.from({ length: 10 }, () => spawn(session)))
      for (const each of sessions) expect(each.value).toBe('4')
    })
  }))

test('gives each session its own copy of the locals', () =>
  run(function* () {
    const queue = new Queue<string>()
    queue.putNowait('an item')
    yield* serving({ locals: { queue, answer: 42 } }, function* (connect) {
      const [first, second] = [yield* connect(), yield* connect()]
      expect(yield* readPrompt(first)).toContain(process.version)
      yield* readPrompt(second)
      expect(yield* evaluate(first, 'answer = 43')).toBe('43')
      expect(yield* evaluate(first, 'answer')).toBe('43')
      expect(yield* evaluate(second, 'answer')).toBe('42')
      expect(yield* evaluate(first, 'undefined')).toBe('')
      expect(yield* evaluate(first, 'await queue.get()')).toBe("'an item'")
      expect(yield* evaluate(first, 'missing')).toContain('ReferenceError')
      expect(yield* evaluate(first, 'console.log("printed")')).toBe('printed')
      expect(yield* evaluate(second, 'process.stdout.write("written"); undefined')).toBe('written')
    })
  }))

test('changes nothing that is visible to the program', () =>
  run(function* () {
    const { process: before } = globalThis
    yield* serving({ locals: { URL: 'a name' } }, function* (connect) {
      const client = yield* connect()
      yield* readPrompt(client)
      yield* evaluate(client, 'process = 5; answer = 7; URL')
      expect(globalThis.process).toBe(before)
      expect('answer' in globalThis).toBe(false)
      expect(typeof URL).toBe('function')
    })
  }))

test.each(['quit()', 'exit()', 'process.exit()', '.exit'])('%s ends only the session', (leave) =>
  run(function* () {
    yield* serving({}, function* (connect) {
      const [first, second] = [yield* connect(), yield* connect()]
      yield* readPrompt(first)
      yield* readPrompt(second)
      yield* first.sendall(`${leave}\n`)
      using file = first.makefile('r')
      const rest = yield* file.read()
      expect(rest).toBe(leave === '.exit' ? rest : '')
      expect(yield* evaluate(second, '1+1')).toBe('2')
    })
  }),
)

test('ends a session with its client, and all sessions with the server', () =>
  run(function* () {
    yield* serving({}, function* (connect, server) {
      const leaving = yield* connect()
      yield* readPrompt(leaving)
      leaving.close()
      while (server.pool!.size > 0) yield* sleep(1)
      const staying = yield* connect()
      yield* readPrompt(staying)
      yield* server.stop({ timeout: 0 })
      expect((yield* staying.recv(100, { timeout: 10_000 })).length).toBe(0)
      expect(server.pool!.size).toBe(0)
    })
  }))

test('listens on a path', () =>
  run(function* () {
    const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
    const server = new BackdoorServer(join(folder, 'backdoor.sock'))
    yield* server.start()
    using client = socket(AF_UNIX)
    yield* client.connect(server.address)
    yield* readPrompt(client)
    expect(yield* evaluate(client, '"a" + "b"')).toBe("'ab'")
    client.close()
    yield* server.stop()
    rmSync(folder, { recursive: true })
  }))

test('refuses locals that are not an object', () => {
  expect(() => new BackdoorServer(0, { locals: 'names' as never })).toThrow(TypeError)
  expect(() => new BackdoorServer(0, { locals: null as never })).toThrow(TypeError)
})

test('ends with a client that resets the connection, and serves the next', () =>
  run(function* () {
    yield* serving({ banner: 'welcome' }, function* (connect, server) {
      const rude = yield* connect()
      yield* rude.sendall('1 + 1\n')
      // Closing a connection with unread bytes resets it.
      while (!(yield* rude.recv(4096, MSG_PEEK)).includes('2')) yield* sleep(1)
      yield* rude.close()
      while (server.pool!.size > 0) yield* sleep(1)
      const next = yield* connect()
      yield* readPrompt(next)
      expect(yield* evaluate(next, '20 + 1')).toBe('21')
    })
  }))
