import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { once, sleep, spawn, until } from '@greenlit/core'
import { gaierror, SHUT_WR } from '@greenlit/net'
import { type ConnectionHandler, patchAll } from '@greenlit/net/monkey'
import { expect, test } from 'vitest'
import { Authority } from '../certificates.ts'
import { guardLeaks } from '../guard.ts'
import { failure, run } from '../pair.ts'

guardLeaks()

const { child_process: processes, fs, net, stream, tls } = patchAll()

/** A program that runs until the pipe from its parent breaks. */
const WAITS = ['-e', 'process.stdin.resume()']

test('a program run by exec or execFile is terminated with the greenlet that waits for it', () =>
  run(function* () {
    const command = `exec "${process.execPath}" ${WAITS[0]} "${WAITS[1]}"`
    for (const start of [
      () => processes.execFile(process.execPath, WAITS),
      () => processes.execFile(process.execPath, WAITS, { cwd: '.' }),
      () => processes.exec(command),
      () => processes.exec(command, undefined),
    ]) {
      const running = start()
      const { child } = running
      const ended = until(new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal))))
      const waiter = spawn(function* () {
        yield* running
      })
      yield* sleep(0)
      yield* waiter.kill()
      expect(yield* ended).toBe('SIGTERM')
    }
  }))

test('the streams of a pipeline are destroyed with the greenlet that waits for it', () =>
  run(function* () {
    for (const options of [[], [{ end: true }]]) {
      const streams = [new PassThrough(), new PassThrough()] as const
      const closed = streams.map((piped) => new Promise((resolve) => piped.once('close', resolve)))
      const waiter = spawn(() => stream.pipeline(...streams, ...options))
      yield* sleep(0)
      yield* waiter.kill()
      yield* until(Promise.all(closed))
      expect(streams.map(({ destroyed }) => destroyed)).toEqual([true, true])
    }
  }))

test('a killed wait for the end of a stream removes its listeners', () =>
  run(function* () {
    const pipe = new PassThrough()
    const before = pipe.eventNames().length
    const waiter = spawn(() => stream.finished(pipe))
    yield* sleep(0)
    yield* waiter.kill()
    yield* sleep(0)
    expect(pipe.eventNames().length).toBe(before)
    pipe.destroy()
  }))

test('a stream opened by fs is used as in Node', () =>
  run(function* () {
    const heard: unknown[] = []
    const reading = fs.createReadStream('package.json')
    reading.setEncoding('utf8')
    reading.on('data', (piece: unknown) => heard.push(piece))
    yield* reading.once('end')
    expect(JSON.parse(heard.join(''))).toHaveProperty('name')
    const pipe = new PassThrough()
    expect(fs.createReadStream('package.json').pipe(pipe)).toBeDefined()
    yield* once(pipe, 'readable')
    pipe.destroy()
    const dropped = fs.createReadStream('package.json')
    dropped.destroy()
    expect(dropped.destroyed).toBe(true)
    yield* dropped.once('close')
  }))

test('a net connection can be closed in one direction, whatever its address', () =>
  run(function* () {
    const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
    const handler: ConnectionHandler = function* (connection) {
      let size = 0
      for (let piece = yield* connection.recv(100); piece.length > 0; piece = yield* connection.recv(100)) {
        size += piece.length
      }
      yield* connection.sendall(`got ${size}`)
    }
    for (const where of [[0], [join(folder, 'socket')]]) {
      const server = where[0] === 0 ? net.createServer(handler) : net.createServer({}, handler)
      yield* server.listen(...where)
      const address = server.address() as AddressInfo | string
      const ways =
        typeof address === 'string'
          ? [[address], [{ path: address }]]
          : [[address.port], [`${address.port}`, '127.0.0.1'], [{ port: address.port }]]
      for (const way of ways) {
        using client = yield* net.connect(...way)
        yield* client.sendall('all')
        client.shutdown(SHUT_WR)
        expect(String(yield* client.recv(100))).toBe('got 3')
      }
      if (typeof address !== 'string') {
        expect(yield* failure(net.connect(address.port, 'no-such.invalid'))).toBeInstanceOf(gaierror)
      }
      yield* server.close()
    }
    rmSync(folder, { recursive: true })
  }))

test('a TLS connection can be closed in one direction', () =>
  run(function* () {
    const authority = new Authority()
    const server = tls.createServer(
      authority.issue({ name: 'localhost', hosts: ['localhost'] }),
      function* (connection) {
        const pieces: Uint8Array[] = []
        for (let piece = yield* connection.recv(100); piece.length > 0; piece = yield* connection.recv(100)) {
          pieces.push(piece)
        }
        yield* connection.sendall(`got ${Buffer.concat(pieces)}`)
      },
    )
    yield* server.listen(0, '127.0.0.1')
    const { port } = server.address() as { port: number }
    using client = yield* tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.cert })
    yield* client.sendall('all')
    client.shutdown(SHUT_WR)
    expect(String(yield* client.recvExact(7))).toBe('got all')
    client.close()
    yield* server.close()
  }))
