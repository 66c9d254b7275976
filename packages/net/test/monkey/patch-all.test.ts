import type childProcess from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { attempt, each, isControlError, joinall, original, sleep, spawn, withTimeout } from '@greenlit/core'
import { OSError, Socket, SSLSocket } from '@greenlit/net'
import {
  getOriginal,
  isAnythingPatched,
  isModulePatched,
  isObjectPatched,
  patchAll,
  patchModule,
  saved,
} from '@greenlit/net/monkey'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { Authority } from '../certificates.ts'
import { guardLeaks } from '../guard.ts'
import { failure, run } from '../pair.ts'

guardLeaks()

const before = {
  patched: isModulePatched('fs'),
  anything: isAnythingPatched(),
  saved: Object.keys(saved),
  readFile: fs.readFile,
}
const modules = patchAll()

describe('patchAll', () => {
  test('changes nothing global, and reports which views it has created', () => {
    expect(before).toEqual({ patched: false, anything: false, saved: [], readFile: fs.readFile })
    expect(isModulePatched('fs')).toBe(true)
    expect(isModulePatched('node:fs')).toBe(true)
    expect(isModulePatched('os')).toBe(false)
    expect(isAnythingPatched()).toBe(true)
    expect(isObjectPatched('fs', 'readFile')).toBe(true)
    expect(isObjectPatched('fs', 'constants')).toBe(false)
    expect(isObjectPatched('fs', 'readFileSync')).toBe(false)
    expect(isObjectPatched('child_process', 'execSync')).toBe(false)
    expect(isObjectPatched('os', 'cpus')).toBe(false)
    expect(Object.keys(saved).sort()).toEqual(Object.keys(modules).sort())
    expect(saved.fs).toBe(fs)
    expect(Object.keys(saved).every(isModulePatched)).toBe(true)
  })

  test('returns the same views again, and originals where requested', () => {
    const again = patchAll({ fs: false })
    expect(again.fs).toBe(fs)
    expectTypeOf(again.fs).toEqualTypeOf<typeof fs>()
    expect(again.net).toBe(modules.net)
    expect(patchModule('net')).toBe(modules.net)
    expect(patchModule('node:net')).toBe(modules.net)
    expect(() => patchAll({ os: true } as never)).toThrow(/child_process, dgram, dns/)
    expect(() => patchModule('os' as never)).toThrow(TypeError)
  })

  test('gives access to the originals', () => {
    expect(getOriginal('fs')).toBe(fs)
    expect(getOriginal('node:fs', 'readFile')).toBe(fs.readFile)
    expect(getOriginal('fs' as string, ['readFile', 'writeFile'])).toEqual([fs.readFile, fs.writeFile])
    for (const [name, view] of Object.entries(modules)) expect(getOriginal(view)).toBe(getOriginal(name))
    expect(() => getOriginal('os' as never)).toThrow(TypeError)
    for (const item of ['readfile', ['readFile', 'readfile']]) {
      expect(() => getOriginal('fs' as string, item as string)).toThrow(
        'Expected `item` to name a member of the module, got "readfile"',
      )
    }
  })

  test('finds the original of a view as `original` does', () => {
    expect(getOriginal(modules.net)).toBe(getOriginal('net'))
    for (const name of ['fs', 'http', 'timers'] as const) expect(original(modules[name])).toBe(getOriginal(name))
    expect(() => getOriginal(5 as never)).toThrow('Expected `module` to be the name of a module or a view, got 5')
  })

  test('rejects options that are not modules set to true or false', () => {
    expect(() => patchAll({ os: false } as never)).toThrow(TypeError)
    expect(() => patchAll({ fs: 'no' } as never)).toThrow('Expected `fs` to be true or false, got "no"')
    expect(() => patchAll(5 as never)).toThrow('Expected `options` to be an object of options by name, got 5')
    expect(patchAll({ fs: undefined } as never)).toEqual(expect.objectContaining({ fs: modules.fs }))
  })

  test('rejects callbacks, which the blocking calls would never call', () => {
    const callback = (() => {}) as never
    expect(() => modules.timers.setTimeout(callback, 5)).toThrow('the view of setTimeout takes no callback')
    expect(() => modules.net.connect(80, callback)).toThrow('Expected no callback, got the function')
    expect(() => modules.tls.connect({ port: 443 }, callback)).toThrow(TypeError)
    expect(() => modules.http.get('http://127.0.0.1/', callback)).toThrow('Expected `options` to be an object')
    expect(() => modules.net.createServer({}, 5 as never)).toThrow('Expected `handler` to be a function, got 5')
    expect(() => modules.tls.createServer({}, 5 as never)).toThrow('Expected `handler` to be a function, got 5')
  })

  test('returns read-only views', () => {
    expect(() => {
      ;(modules.net as { connect: unknown }).connect = undefined
    }).toThrow(TypeError)
    expect('connect' in modules.net && 'isIP' in modules.net).toBe(true)
  })
})

test('fs reads and writes without callbacks', () =>
  run(function* () {
    const { fs: files } = modules
    const path = join(yield* files.mkdtemp(join(tmpdir(), 'greenlit-')), 'file.txt')
    yield* files.writeFile(path, 'text')
    expect(yield* files.promises.readFile(path, 'utf8')).toBe('text')
    expect(files.readFileSync(path, 'utf8')).toBe('text')
    expect(((yield* failure(files.readFile(`${path}.none`))) as NodeJS.ErrnoException).code).toBe('ENOENT')
    yield* files.promises.rm(join(path, '..'), { recursive: true })
  }))

test('timers block only their greenlet, and can be killed', () =>
  run(function* () {
    const { timers } = modules
    const order: number[] = []
    const wait = function* (milliseconds: number) {
      order.push(yield* timers.setTimeout(milliseconds, milliseconds))
    }
    yield* joinall([spawn(wait, 20), spawn(wait, 1)])
    expect(order).toEqual([1, 20])
    expect(yield* timers.setImmediate('now')).toBe('now')
    const late = spawn(() => timers.setTimeout(60_000))
    yield* sleep(0)
    yield* late.kill()
    expect(late.successful()).toBe(true)
  }))

test('timers have their promises', () =>
  run(function* () {
    expect(yield* modules.timers.promises.setTimeout(1, 'value')).toBe('value')
  }))

test('dns resolves without callbacks', () =>
  run(function* () {
    expect(yield* modules.dns.lookup('127.0.0.1')).toEqual({ address: '127.0.0.1', family: 4 })
    expect(modules.dns.ADDRCONFIG).toBe(getOriginal('dns', 'ADDRCONFIG'))
  }))

test('child_process runs commands and talks to children', () =>
  run(function* () {
    const { child_process: processes } = modules
    expect((yield* processes.execFile(process.execPath, ['-p', '6 * 7'])).stdout).toBe('42\n')
    const failed = yield* attempt(processes.exec('exit 3'))
    expect(failed.ok ? 0 : (failed.error as childProcess.ExecException).code).toBe(3)
    const child = processes.spawn('cat')
    child.stdin.end('through a pipe')
    expect(String(yield* child.stdout.read())).toBe('through a pipe')
    const [status] = yield* child.once('close')
    expect(status).toBe(0)
  }))

test('stream and readline block the greenlet', () =>
  run(function* () {
    const pieces: string[] = []
    const sink = new Writable({
      write(chunk, _encoding, done) {
        pieces.push(String(chunk))
        done()
      },
    })
    yield* modules.stream.pipeline(Readable.from(['a', 'b']), sink)
    expect(pieces).toEqual(['a', 'b'])
    const input = new PassThrough()
    const lines = modules.readline.createInterface({ input, output: new PassThrough() })
    const asked = spawn(() => lines.question('name? '))
    yield* sleep(0)
    input.write('greenlit\n')
    expect(yield* asked).toBe('greenlit')
    lines.close()
  }))

test('net connects and serves with cooperative sockets', () =>
  run(function* () {
    const { net } = modules
    const server = net.createServer(function* (connection) {
      expect(connection).toBeInstanceOf(Socket)
      const data = yield* connection.recv(100)
      yield* connection.sendall(data.toString().toUpperCase())
    })
    yield* server.listen(0, '127.0.0.1')
    const { port } = server.address() as { port: number }
    for (const args of [[port, '127.0.0.1'], [{ port, host: '127.0.0.1' }]]) {
      using client = yield* net.connect(...args)
      yield* client.sendall('hello')
      expect(String(yield* client.recvExact(5))).toBe('HELLO')
      expect((yield* client.recv(1)).length).toBe(0)
    }
    const busy = net.createServer()
    const error = yield* failure<OSError>(busy.listen(port, '127.0.0.1'))
    expect(error).toBeInstanceOf(OSError)
    expect(error.code).toBe('EADDRINUSE')
    yield* server.close()
    expect((yield* failure<OSError>(net.createConnection(port, '127.0.0.1'))).code).toBe('ECONNREFUSED')
    expect(net.isIP('127.0.0.1')).toBe(4)
  }))

test('tls connects and serves with cooperative sockets', () =>
  run(function* () {
    const { tls } = modules
    const authority = new Authority()
    const server = tls.createServer(
      authority.issue({ name: 'localhost', hosts: ['localhost'] }),
      function* (connection) {
        yield* connection.sendall(yield* connection.recv(100))
      },
    )
    yield* server.listen(0, '127.0.0.1')
    const { port } = server.address() as { port: number }
    using client = yield* tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.cert })
    expect(client).not.toBeInstanceOf(SSLSocket)
    yield* client.sendall('secret')
    expect(String(yield* client.recvExact(6))).toBe('secret')
    expect((yield* attempt(tls.connect({ port, host: '127.0.0.1', servername: 'localhost' }))).ok).toBe(false)
    client.close()
    yield* server.close()
  }))

test('a connection attempt can time out', () =>
  run(function* () {
    const server = modules.net.createServer(function* (connection) {
      while ((yield* connection.recv(1024)).length > 0);
    })
    yield* server.listen(0, '127.0.0.1')
    const { port } = server.address() as { port: number }
    // A plain connection never completes the TLS handshake.
    let error: unknown
    try {
      yield* withTimeout(20, () => modules.tls.connect({ port, host: '127.0.0.1' }))
    } catch (thrown) {
      error = thrown
    }
    expect(isControlError(error)).toBe(true)
    yield* server.close()
  }))

test('dgram sends and receives', () =>
  run(function* () {
    using receiver = modules.dgram.createSocket('udp4')
    yield* receiver.bind(['127.0.0.1', 0])
    using sender = modules.dgram.createSocket({ type: 'udp4' })
    yield* sender.sendto('datagram', receiver.getsockname())
    const [data] = yield* receiver.recvfrom(100)
    expect(String(data)).toBe('datagram')
    expect(() => modules.dgram.createSocket('udp5' as 'udp4')).toThrow(TypeError)
  }))

test('http sends requests and serves them', () =>
  run(function* () {
    const { http } = modules
    const server = http.createServer(function* (request, response) {
      const pieces: string[] = []
      yield* each(request.iterate(), (piece) => void pieces.push(String(piece)))
      if (request.url === '/fail') throw new Error('the handler fails')
      response.end(`${request.method} ${pieces.join('')}`)
    })
    yield* server.listen(0, '127.0.0.1')
    const { port } = server.address() as { port: number }
    const url = `http://127.0.0.1:${port}/`
    const agent = new http.Agent()
    const posted = yield* http.request(url, { method: 'POST', body: 'body', agent })
    expect([posted.statusCode, String(yield* posted.read())]).toEqual([200, 'POST body'])
    const got = yield* http.get(url, { agent })
    expect(String(yield* got.read())).toBe('GET ')
    const failed = yield* http.get(new URL('/fail', url), { agent })
    failed.resume()
    expect(failed.statusCode).toBe(500)
    yield* server.close()
    expect((yield* failure<OSError>(http.get(url, { agent }))).code).toBe('ECONNREFUSED')
  }))
