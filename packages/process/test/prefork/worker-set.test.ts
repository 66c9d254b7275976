import { once } from 'node:events'
import { connect, createServer, type Server, Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { attempt, Event, fromCallback, spawn, until } from '@greenlit/core'
import { ProcessError, Receiver, type SetWorker, WorkerSet } from '@greenlit/process'
import { expect, test } from 'vitest'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()
const target = (name: string) => ({ module: new URL('../fixtures/prefork.mjs', import.meta.url), export: name })

/** A listening server whose connections are not read. */
function* listening(onConnection: (socket: Socket) => void = (socket) => socket.destroy()) {
  const server = createServer({ pauseOnConnect: true }, onConnection)
  server.listen(0, '127.0.0.1')
  yield* until(once(server, 'listening'))
  return server
}

const portOf = (server: Server) => (server.address() as { port: number }).port

function ask(port: number, text: string) {
  return fromCallback<string>((resume) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(`${text}\n`))
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', (error) => resume(error))
    socket.on('close', () => resume(undefined, answer))
  })
}

function* closed(server: Server) {
  yield* fromCallback((resume) => void server.close(() => resume()))
}

test('hands connections to the worker that has least to do, with every byte', () =>
  run(function* () {
    const workers = new WorkerSet(target('connections'), { size: 2 })
    yield* workers.start()
    const server = yield* listening((socket) => void spawn(() => workers.give(socket, { from: 'test' })))
    const answers: string[] = []
    for (const text of ['a', 'b', 'c']) answers.push(yield* ask(portOf(server), text))
    expect(answers.map((answer) => answer.split(' ')[1])).toEqual(['a\n', 'b\n', 'c\n'])
    const pids = workers.workers.map((worker) => String(worker.pid))
    for (const answer of answers) expect(pids).toContain(answer.split(' ')[0])
    yield* closed(server)
    yield* workers.stop()
    expect(workers.workers).toEqual([])
  }))

test('shares a listening server, which goes on though it is closed here and all workers are restarted', () =>
  run(function* () {
    const workers = new WorkerSet(target('listener'), { size: 2 })
    const server = yield* listening()
    const port = portOf(server)
    const started = workers.start()
    workers.share(server)
    yield* started
    const before = workers.workers.map((worker) => worker.pid)
    yield* workers.restart()
    const after = workers.workers.map((worker) => worker.pid)
    expect(after).toHaveLength(2)
    expect(after.some((pid) => before.includes(pid))).toBe(false)
    yield* closed(server)
    const [pid, text] = (yield* ask(port, 'hello')).split(' ')
    expect(text).toBe('hello\n')
    expect(after).toContain(Number(pid))
    yield* workers.stop()
  }))

test('replaces a worker that dies, later with each death in a row', () =>
  run(function* () {
    const deaths: SetWorker[] = []
    const enough = new Event()
    const onDeath = (worker: SetWorker) => {
      if (deaths.push(worker) === 3) enough.set()
    }
    const workers = new WorkerSet(target('crash'), { size: 1, backoff: 1, onDeath, name: 'Crasher' })
    const started = spawn(() => failure(workers.start()))
    yield* enough.wait()
    expect(deaths.map((worker) => [worker.process.exitcode, worker.process.name])).toEqual([
      [3, 'Crasher-1'],
      [3, 'Crasher-2'],
      [3, 'Crasher-3'],
    ])
    yield* workers.stop()
    expect(yield* started).toBeInstanceOf(ProcessError)
  }))

test('goes on after a worker died over what it was given', () =>
  run(function* () {
    const died = new Event()
    const workers = new WorkerSet(target('dies'), { size: 1, backoff: 1, onDeath: () => died.set() })
    yield* workers.start()
    const server = yield* listening((socket) => void spawn(() => workers.give(socket)))
    yield* attempt(ask(portOf(server), 'x'))
    yield* died.wait()
    yield* closed(server)
    yield* workers.stop()
  }))

test('kills a worker that does not end in time', () =>
  run(function* () {
    const workers = new WorkerSet(target('stubborn'), { size: 1 })
    yield* workers.start()
    const [worker] = workers.workers
    yield* workers.stop({ timeout: 20 })
    expect(worker!.process.exitcode).toBe(-9)
  }))

test('refuses what cannot be handed over, and bad options', () =>
  run(function* () {
    expect(() => new WorkerSet((() => 1) as never)).toThrow('a function cannot go')
    expect(() => new WorkerSet(target('connections'), { size: 0 })).toThrow('Expected `size`')
    expect(() => new WorkerSet(target('connections'), { backoff: -1 })).toThrow('Expected `backoff`')
    expect(() => new Receiver()).toThrow('nobody can hand anything')
    const workers = new WorkerSet(target('connections'), { size: 1 })
    expect(() => workers.give(new Socket())).toThrow(ProcessError)
    yield* workers.start()
    expect(() => workers.start()).toThrow('once')
    const tls = new TLSSocket(new Socket())
    expect(() => workers.give(tls)).toThrow('TLS')
    tls.destroy()
    expect(() => workers.give({} as never)).toThrow('Expected `handle`')
    yield* workers.stop()
  }))
