import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { attempt, Event, fromCallback, getHub, sleep, spawn, until } from '@greenlit/core'
import {
  activeChildren,
  ProcessDiedError,
  ProcessError,
  Receiver,
  registerClass,
  type SetWorker,
  WorkerSet,
} from '@greenlit/process'
import { expect, test, vi } from 'vitest'
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

test('hands connections to the least loaded worker, with every byte', () =>
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

test('shares a listening server, which survives its closing here and a restart of all workers', () =>
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

test('replaces a worker that dies, with a delay that grows with consecutive deaths', () =>
  run(function* () {
    const deaths: SetWorker[] = []
    const enough = new Event()
    const onDeath = (worker: SetWorker) => {
      if (deaths.push(worker) === 3) enough.set()
    }
    const workers = new WorkerSet(target('crash'), { size: 1, backoff: 1, onDeath, name: 'Crasher' })
    yield* workers.start()
    yield* enough.wait()
    expect(deaths.map((worker) => [worker.process.exitcode, worker.process.name])).toEqual([
      [3, 'Crasher-1'],
      [3, 'Crasher-2'],
      [3, 'Crasher-3'],
    ])
    yield* workers.stop()
  }))

test('fails to start if a worker dies before it is ready, and leaves nothing behind', () =>
  run(function* () {
    const workers = new WorkerSet(target('exits'), { size: 2 })
    const error = yield* failure(workers.start())
    expect(error).toBeInstanceOf(ProcessDiedError)
    expect((error as ProcessDiedError).exitcode).toBe(4)
    yield* workers.stop()
    expect(workers.pids.size).toBe(0)
  }))

test('can be stopped while it starts', () =>
  run(function* () {
    const workers = new WorkerSet(target('connections'), { size: 2 })
    const started = spawn(() => failure(workers.start()))
    yield* sleep(20)
    yield* workers.stop()
    expect(yield* started).toBeInstanceOf(ProcessError)
    expect(workers.pids.size).toBe(0)
  }))

test('ask returns the reply or error of a worker, and onMessage gets what workers say', () =>
  run(function* () {
    const said: unknown[] = []
    const onMessage = (_worker: SetWorker, message: unknown) => void said.push(message)
    const workers = new WorkerSet(target('answers'), { size: 1, onMessage })
    yield* workers.start()
    const [worker] = workers.workers
    const sent: number[] = []
    const onSent = ({ pid }: SetWorker) => void sent.push(pid)
    expect(yield* workers.ask(undefined, 'one', { onSent })).toEqual([worker!.pid, 'one'])
    expect(yield* failure(workers.ask(undefined, new RangeError('no')))).toEqual(new RangeError('no'))
    worker!.say('two')
    expect((yield* workers.give(undefined, 'three')).pid).toBe(worker!.pid)
    yield* workers.stop({ timeout: 5_000 })
    expect(said).toEqual(['one', new RangeError('no'), 'two', 'three', 5_000])
    expect([sent, worker!.load]).toEqual([[worker!.pid], 0])
  }))

test('a worker that cannot decode a message continues, and closes the connection that came with it', () =>
  run(function* () {
    class OnlyHere {}
    registerClass('test.OnlyHere', OnlyHere)
    const workers = new WorkerSet(target('answers'), { size: 1 })
    yield* workers.start()
    const [worker] = workers.workers
    worker!.say(new OnlyHere())
    const failures: Error[] = []
    const server = yield* listening((socket) => {
      spawn(function* () {
        failures.push(yield* failure(workers.ask(socket, new OnlyHere())))
      })
    })
    yield* attempt(ask(portOf(server), 'hello'))
    expect(yield* workers.ask(undefined, 'one')).toEqual([worker!.pid, 'one'])
    expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining('test.OnlyHere')])
    yield* closed(server)
    yield* workers.stop()
  }))

test('reports errors of `onMessage` and `onDeath`, and continues', () =>
  run(function* () {
    const reported: string[] = []
    getHub().exceptionStream = { write: (text) => reported.push(text) }
    const onMessage = () => {
      throw new Error('no word')
    }
    const onDeath = () => {
      throw new Error('no death')
    }
    const workers = new WorkerSet(target('answers'), { size: 1, backoff: 1, onMessage, onDeath })
    yield* workers.start()
    expect(yield* failure(workers.ask(undefined, 'die'))).toBeInstanceOf(ProcessDiedError)
    expect(yield* workers.ask(undefined, 'one')).toHaveLength(2)
    yield* workers.stop()
    expect(reported.map((text) => /Error: (.*)/.exec(text)?.[1])).toEqual(['no death', 'no word', 'no word'])
  }))

test('grows when all are busy, up to its size, and shrinks again', () =>
  run(function* () {
    const workers = new WorkerSet(target('answers'), { size: 2, min: 0, tasks: 1 })
    yield* workers.start()
    expect(workers.pids.size).toBe(0)
    const asked = [1, 2, 3, 4].map(() => spawn(() => workers.ask(undefined, 'hold')))
    yield* sleep(0)
    expect(workers.pids.size).toBe(2)
    const pids = new Set<unknown>()
    for (const answer of asked) pids.add(((yield* answer) as unknown[])[0])
    expect(pids.size).toBeLessThanOrEqual(2)
    workers.reap()
    while (workers.pids.size > 0) yield* sleep(5)
    yield* workers.stop()
  }))

test('reaps neither busy workers nor the minimum that is kept', () =>
  run(function* () {
    const kept = new WorkerSet(target('answers'), { size: 1 })
    yield* kept.start()
    kept.reap()
    expect(kept.workers).toHaveLength(1)
    yield* kept.stop()
    const workers = new WorkerSet(target('answers'), { size: 2, min: 0, tasks: 1 })
    yield* workers.start()
    const sent = new Event()
    const hanging = spawn(() => workers.ask(undefined, 'hang', { onSent: () => sent.set() }))
    yield* workers.ask(undefined, 'one')
    yield* sent.wait()
    workers.reap()
    expect(workers.workers.map(({ load }) => load)).toEqual([1])
    yield* hanging.kill()
    yield* workers.stop({ timeout: 0 })
  }))

test('ask fails if the worker dies while handling it or before it is ready', () =>
  run(function* () {
    const reports: unknown[] = []
    const onDeath = (_worker: SetWorker, error: Error) => void reports.push(error.message)
    const workers = new WorkerSet(target('answers'), { size: 1, backoff: 1, onDeath })
    yield* workers.start()
    const { pid } = workers.workers[0]!
    expect((yield* failure(workers.ask(undefined, 'die'))).message).toBe(`The worker ${pid} has ended with -9`)
    expect(reports).toEqual([`The worker ${pid} has ended with -9`])
    expect(yield* workers.ask(undefined, 'alive')).toContain('alive')
    yield* workers.stop()
    const exiting = new WorkerSet(target('exits'), { size: 1, min: 0, onDeath: () => {} })
    yield* exiting.start()
    expect(yield* failure(exiting.ask(undefined, 'x'))).toBeInstanceOf(ProcessDiedError)
    yield* exiting.stop()
  }))

test('reports and retries if a worker cannot be replaced', () =>
  run(function* () {
    let fails = false
    const argument = {
      get value() {
        if (fails) throw new RangeError('not now')
        return 1
      },
    }
    const reports: unknown[] = []
    const reporting = vi.spyOn(getHub(), 'handleError').mockImplementation((_context, error) => {
      fails = false
      reports.push((error as Error).message)
    })
    const died = new Event()
    const onDeath = () => died.set()
    const workers = new WorkerSet(target('answers'), { size: 1, backoff: 1, onDeath, args: [argument] })
    yield* workers.start()
    fails = true
    process.kill(workers.workers[0]!.pid, 'SIGKILL')
    // Until then the worker may still be sent what it is asked.
    yield* died.wait()
    expect(yield* workers.ask(undefined, 'alive')).toContain('alive')
    reporting.mockRestore()
    expect(reports).toEqual([expect.stringContaining('not now')])
    yield* workers.stop()
  }))

test('leaves no worker behind if not all can be started', () =>
  run(function* () {
    const argument = {
      get value() {
        if (activeChildren().length > 0) throw new RangeError('no more')
        return 1
      },
    }
    const workers = new WorkerSet(target('answers'), { size: 2, args: [argument] })
    expect(() => workers.start()).toThrow('no more')
    for (const worker of activeChildren()) yield* worker.join()
    expect([workers.pids.size, activeChildren()]).toEqual([0, []])
    expect(() => workers.give(undefined)).toThrow('to be running')
  }))

test('hands a connection to another worker if the first dies before it has it', () =>
  run(function* () {
    const workers = new WorkerSet(target('connections'), { size: 1, backoff: 1, onDeath: () => {} })
    yield* workers.start()
    const server = yield* listening((socket) => void spawn(() => workers.give(socket)))
    const { pid } = workers.workers[0]!
    process.kill(pid, 'SIGKILL')
    const [answering, text] = (yield* ask(portOf(server), 'kept')).split(' ')
    expect([text, Number(answering) === pid]).toEqual(['kept\n', false])
    yield* closed(server)
    yield* workers.stop()
  }))

test('a give that is killed while it waits takes no place in the load', () =>
  run(function* () {
    const workers = new WorkerSet(target('answers'), { size: 1, tasks: 1 })
    yield* workers.start()
    const sent = new Event()
    const hanging = spawn(() => workers.ask(undefined, 'hang', { onSent: () => sent.set() }))
    yield* sent.wait()
    const waiting = spawn(() => workers.give(undefined, 'never'))
    yield* sleep(0)
    yield* waiting.kill()
    yield* hanging.kill()
    expect(workers.workers[0]!.load).toBe(1)
    yield* workers.stop({ timeout: 0 })
  }))

test('keeps a worker whose successor dies before it is ready', () =>
  run(function* () {
    const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
    const path = join(folder, 'broken')
    const onDeath = vi.fn()
    const workers = new WorkerSet(target('unless'), { size: 1, args: [path], onDeath })
    yield* workers.start()
    const before = workers.workers[0]!.pid
    writeFileSync(path, '')
    expect(yield* failure(workers.restart())).toMatchObject({ exitcode: 5 })
    expect(workers.workers.map(({ pid }) => pid)).toEqual([before])
    rmSync(path)
    yield* workers.restart()
    expect(workers.workers[0]!.pid).not.toBe(before)
    yield* workers.stop()
    expect(onDeath).not.toHaveBeenCalled()
    rmSync(folder, { recursive: true })
  }))

test('continues after a worker dies while handling a message', () =>
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

test('kills a worker that does not stop in time', () =>
  run(function* () {
    const workers = new WorkerSet(target('stubborn'), { size: 1 })
    yield* workers.start()
    const [worker] = workers.workers
    yield* workers.stop({ timeout: 20, grace: 20 })
    expect(worker!.process.exitcode).toBe(-9)
  }))

test('accepts an infinite timeout', () =>
  run(function* () {
    const died = new Event()
    const settings = { size: 1, backoff: Infinity, maxBackoff: Infinity, onDeath: () => died.set() }
    const workers = new WorkerSet(target('answers'), settings)
    yield* workers.start()
    yield* failure(workers.ask(undefined, 'die'))
    yield* died.wait()
    yield* sleep(10)
    expect(workers.pids.size).toBe(0)
    const others = new WorkerSet(target('answers'), { size: 1 })
    yield* others.start()
    const [worker] = others.workers
    yield* others.give(undefined, 'hold')
    yield* others.stop({ timeout: Infinity })
    expect(worker!.process.exitcode).toBe(0)
    yield* workers.stop()
  }))

test('rejects handles that cannot be sent, and invalid options', () =>
  run(function* () {
    expect(() => new WorkerSet((() => 1) as never)).toThrow('a function cannot go')
    expect(() => new WorkerSet(target('connections'), { size: 0 })).toThrow('Expected `size`')
    expect(() => new WorkerSet(target('connections'), { backoff: -1 })).toThrow('Expected `backoff`')
    expect(() => new WorkerSet(target('connections'), { size: 2, min: 3 })).toThrow('Expected `min`')
    expect(() => new WorkerSet(target('connections'), { size: 2 ** 32 })).toThrow(
      'Expected `min` to be a whole number from 0 to 32',
    )
    expect(() => new WorkerSet(target('connections'), { tasks: 0 })).toThrow('Expected `tasks`')
    expect(() => new WorkerSet(target('connections'), { args: 5 as never })).toThrow('Expected `args`')
    expect(() => new WorkerSet(target('connections'), { name: 5 as never })).toThrow('Expected `name`')
    expect(() => new WorkerSet(target('connections'), { daemon: 1 as never })).toThrow('Expected `daemon`')
    expect(() => new Receiver()).toThrow('nobody can hand anything')
    const workers = new WorkerSet(target('connections'), { size: 1 })
    expect(() => workers.give(new Socket())).toThrow(ProcessError)
    yield* workers.start()
    expect(() => workers.start()).toThrow('once')
    const tls = new TLSSocket(new Socket())
    expect(() => workers.give(tls)).toThrow('TLS')
    tls.destroy()
    expect(() => workers.give({} as never)).toThrow('Expected `handle`')
    expect(() => workers.share({} as never)).toThrow('Expected `handle`')
    expect(() => workers.give(undefined, new SharedArrayBuffer(1))).toThrow("context: 'thread'")
    yield* workers.stop()
    expect(() => workers.share(undefined, 'late')).toThrow(ProcessError)
  }))
