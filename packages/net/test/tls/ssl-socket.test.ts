import { createHash } from 'node:crypto'
import type { Socket as NetSocket } from 'node:net'
import { attempt, type Coroutine, type Operation, sleep, spawn, Timeout } from '@greenlit/core'
import { useVirtualClock } from '@greenlit/core/testing'
import {
  AF_UNIX,
  createDefaultContext,
  createServer,
  DefaultSelector,
  EVENT_READ,
  IPPROTO_TCP,
  MSG_PEEK,
  OSError,
  SHUT_WR,
  SO_LINGER,
  SOL_SOCKET,
  type Socket,
  SSLCertVerificationError,
  type SSLContext,
  SSLEOFError,
  SSLError,
  SSLSocket,
  SSLWantReadError,
  SSLWantWriteError,
  select,
  setdefaulttimeout,
  socket,
  socketpair,
  TCP_NODELAY,
  TimeoutError,
  type WrapSocketOptions,
  wrapSocket,
} from '@greenlit/net'
import { describe, expect, test } from 'vitest'
import type { NetTransport } from '../../src/stream/net-transport.ts'
import { guardLeaks } from '../guard.ts'
import { failure, listener, loopTurns, PAIRS, run, tcpPair } from '../pair.ts'
import { AUTHORITY, clientContext, OTHER_AUTHORITY, SERVER, secure, serverContext } from './wrap.ts'

guardLeaks()

function closeAll(...sockets: readonly Socket[]): void {
  for (const each of sockets) each.close()
}

/** The Node socket underneath one of our sockets. */
function secured(socket: SSLSocket): NetSocket {
  return (socket.streamOf().transport as NetTransport).netSocket
}

describe.each(PAIRS)('TLS %s', (_name, makePair) => {
  test('carries bytes both ways, and signals the end of the stream', () =>
    run(function* () {
      const [client, server] = yield* secure(clientContext(), serverContext(), 'localhost', makePair)
      expect(client).toBeInstanceOf(SSLSocket)
      yield* client.sendall('hello')
      expect(String(yield* server.recv(100))).toBe('hello')
      yield* server.sendall('you')
      expect(String(yield* client.recvExact(3))).toBe('you')
      client.shutdown(SHUT_WR)
      expect((yield* server.recv(1)).length).toBe(0)
      yield* server.sendall('late')
      expect(String(yield* client.recv(100))).toBe('late')
      yield* loopTurns()
      yield* server.sendall('later')
      expect(String(yield* client.recv(100))).toBe('later')
      closeAll(server)
      expect((yield* client.recv(1)).length).toBe(0)
      closeAll(client)
    }))

  test('carries 8 MiB through a slow reader', () =>
    run(function* () {
      const [client, server] = yield* secure(clientContext(), serverContext(), 'localhost', makePair)
      const data = Buffer.alloc(8 * 1024 * 1024, 'greenlit ')
      const sending = spawn(function* () {
        yield* client.sendall(data)
        yield* client.close()
      })
      const hash = createHash('sha256')
      let size = 0
      for (let piece = yield* server.recv(65_536); piece.length > 0; piece = yield* server.recv(65_536)) {
        hash.update(piece)
        size += piece.length
        if (size % 7 === 0) yield* sleep(1)
      }
      yield* sending
      expect(size).toBe(data.length)
      expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'))
      closeAll(server)
    }))
})

describe('the properties of a secure socket', () => {
  test('are its version, cipher, certificate and names', () =>
    run(function* () {
      const [client, server] = yield* secure(clientContext(), serverContext())
      expect(client.version()).toBe('TLSv1.3')
      expect(client.cipher()).toEqual(server.cipher())
      expect(client.cipher()![1]).toBe('TLSv1.3')
      expect([128, 256]).toContain(client.cipher()![2])
      expect(client.getpeercert()!.subject.CN).toBe('server')
      expect(client.getpeercert(true)).toBeInstanceOf(Buffer)
      expect(server.getpeercert()).toBe(undefined)
      expect(client.serverHostname).toBe('localhost')
      expect([client.serverSide, server.serverSide]).toEqual([false, true])
      expect(client.selectedAlpnProtocol()).toBe(undefined)
      expect(client.getpeername()).toEqual(server.getsockname())
      expect(client.getsockname()).toEqual(server.getpeername())
      expect(client.pending()).toBe(0)
      expect(String(client)).toContain('<SSLSocket fd=')
      client.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
      closeAll(client, server)
      expect(client.pending()).toBe(0)
    }))

  test('are undefined before the handshake', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const client = yield* clientContext().wrapSocket(left, {
        serverHostname: 'localhost',
        doHandshakeOnConnect: false,
      })
      expect(client.version()).toBe(undefined)
      expect(client.cipher()).toBe(undefined)
      expect(client.session).toBe(undefined)
      expect(client.sessionReused).toBe(undefined)
      expect(client.pending()).toBe(0)
      expect(() => client.getpeercert()).toThrow(RangeError)
      closeAll(client, right)
      const fresh = yield* clientContext().wrapSocket(socket(), { serverHostname: 'localhost' })
      expect(() => fresh.getpeercert()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }))
      expect(yield* failure(fresh.recv(1))).toMatchObject({ code: 'ENOTCONN' })
      expect(yield* failure(fresh.sendall('x'))).toMatchObject({ code: 'EPIPE' })
      closeAll(fresh)
    }))
})

describe('the calls of a secure socket', () => {
  test('perform the handshake if it is not done yet', () =>
    run(function* () {
      for (const talk of [
        function* (client: SSLSocket) {
          yield* client.sendall('x')
        },
        function* (client: SSLSocket) {
          yield* failure(client.recv(1, { timeout: 10 }))
          yield* client.send('x')
        },
      ]) {
        const [left, right] = yield* tcpPair()
        const accepting = spawn(() => serverContext().wrapSocket(right, { serverSide: true }))
        const client = yield* clientContext().wrapSocket(left, {
          serverHostname: 'localhost',
          doHandshakeOnConnect: false,
        })
        yield* talk(client)
        const server = yield* accepting
        expect(String(yield* server.recvExact(1))).toBe('x')
        closeAll(client, server)
      }
    }))

  test('perform the handshake in its files and in sendfile too', () =>
    run(function* () {
      const uses: readonly ((server: SSLSocket) => Operation<unknown>)[] = [
        (server) => server.makefile('rb').readline(),
        (server) => server.makefile('r').readline(),
        (server) => server.makefile('rb').next(),
        (server) => server.makefile('rb').peek(1),
        (server) => server.makefile('rb', 0).readinto(Buffer.alloc(1)),
        (server) => server.makefile('wb', 0).write('answer'),
        (server) => server.makefile('w').writelines(['answer']),
        (server) => server.makefile('w').flush(),
        (server) => server.sendfile(new URL(import.meta.url), 0, 6),
      ]
      for (const use of uses) {
        const [left, right] = yield* tcpPair()
        const connecting = spawn(() => clientContext().wrapSocket(left, { serverHostname: 'localhost' }))
        const server = yield* serverContext().wrapSocket(right, { serverSide: true, doHandshakeOnConnect: false })
        const using = spawn(() => use(server))
        const client = yield* connecting
        yield* client.sendall('question\n')
        yield* using
        expect(server.version()).toBe('TLSv1.3')
        server.closeFiles()
        closeAll(client, server)
      }
    }))

  test('wait for a handshake in progress in another greenlet', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const client = yield* clientContext().wrapSocket(left, {
        serverHostname: 'localhost',
        doHandshakeOnConnect: false,
      })
      const receiving = spawn(() => client.recv(9))
      const sending = spawn(() => client.sendall('to'))
      const handshake = spawn(() => client.doHandshake())
      yield* loopTurns()
      const server = yield* serverContext().wrapSocket(right, { serverSide: true })
      expect(String(yield* server.recv(9))).toBe('to')
      yield* server.sendall('fro')
      expect(String(yield* receiving)).toBe('fro')
      yield* sending
      yield* handshake
      closeAll(client, server)
    }))

  test('wait for a handshake no longer than their timeout, and do not end it', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const client = yield* clientContext().wrapSocket(left, {
        serverHostname: 'localhost',
        doHandshakeOnConnect: false,
      })
      expect(yield* failure(client.recv(1, { timeout: 5 }))).toBeInstanceOf(TimeoutError)
      expect(yield* failure(client.recvExact(1, { timeout: 5 }))).toBeInstanceOf(TimeoutError)
      expect(yield* failure(client.doHandshake({ timeout: 5 }))).toBeInstanceOf(TimeoutError)
      expect(yield* failure(client.send('x', { timeout: 0 }))).toBeInstanceOf(SSLWantReadError)
      const sending = spawn(() => client.sendall('x', { timeout: 5_000 }))
      const server = yield* serverContext().wrapSocket(right, { serverSide: true })
      expect(String(yield* server.recv(9))).toBe('x')
      yield* sending
      closeAll(client, server)
    }))

  test('throw the error of a handshake that they have started', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const accepting = spawn(() => failure(serverContext().wrapSocket(right, { serverSide: true })))
      const client = yield* createDefaultContext({ cadata: OTHER_AUTHORITY.cert }).wrapSocket(left, {
        serverHostname: 'localhost',
        doHandshakeOnConnect: false,
      })
      expect(yield* failure(client.recv(1, { timeout: 5_000 }))).toBeInstanceOf(SSLCertVerificationError)
      expect(yield* accepting).toBeInstanceOf(SSLError)
      closeAll(client, right)
    }))

  test('fail if the handshake that they wait for is killed', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const client = yield* clientContext().wrapSocket(left, {
        serverHostname: 'localhost',
        doHandshakeOnConnect: false,
      })
      const handshake = spawn(() => client.doHandshake())
      const receiving = spawn(() => client.recv(9))
      yield* loopTurns()
      yield* handshake.kill()
      expect(yield* failure(receiving.get())).toBeInstanceOf(OSError)
      closeAll(client, right)
    }))

  test('dup gives another secure socket, of connections after the handshake and of listeners', () =>
    run(function* () {
      const listening = yield* serverContext().wrapSocket(yield* listener(), { serverSide: true })
      const copy = listening.dup()
      listening.close()
      const accepting = spawn(() => copy.accept())
      const early = yield* clientContext().wrapSocket(socket(), {
        serverHostname: 'localhost',
        doHandshakeOnConnect: false,
      })
      yield* early.connect(copy.getsockname())
      expect(() => early.dup()).toThrow('no handshake was made')
      yield* early.doHandshake()
      early.settimeout(5_000)
      const client = early.dup()
      early.close()
      const [server] = yield* accepting
      expect([client.version(), client.gettimeout(), client.context]).toEqual(['TLSv1.3', 5_000, early.context])
      yield* client.sendall('hello')
      expect(String(yield* server.recv(10))).toBe('hello')
      closeAll(client, server, copy)
      expect(() => client.dup()).toThrow(OSError)
    }))

  test('read and write are recv and send', () =>
    run(function* () {
      const [client, server] = yield* secure(clientContext(), serverContext())
      expect(yield* client.write('hello')).toBe(5)
      expect(String(yield* server.read(3))).toBe('hel')
      const buffer = Buffer.alloc(8)
      expect(yield* server.read(1, buffer)).toBe(1)
      expect(yield* server.read(-1, buffer)).toBe(1)
      expect(buffer.subarray(0, 1).toString()).toBe('o')
      expect(() => server.read(-1)).toThrow(RangeError)
      closeAll(client, server)
    }))

  test('refuse flags and addresses', () =>
    run(function* () {
      const [client, server] = yield* secure(clientContext(), serverContext())
      for (const call of [
        () => client.recv(1, MSG_PEEK),
        () => client.recvInto(Buffer.alloc(1), 1, MSG_PEEK),
        () => client.send('x', MSG_PEEK),
        () => client.sendall('x', { flags: MSG_PEEK }),
      ])
        expect(call).toThrow('non-zero flags not allowed')
      const plain: Socket = client
      for (const call of [
        () => plain.recvfrom(1),
        () => plain.recvfromInto(Buffer.alloc(1)),
        () => plain.sendto('x', ['127.0.0.1', 9]),
      ])
        expect(call).toThrow('not allowed on instances of SSLSocket')
      closeAll(client, server)
    }))

  test('throw SSLWantReadError or SSLWantWriteError if they must not wait', () =>
    run(function* () {
      const [client, server] = yield* secure(clientContext(), serverContext())
      client.setblocking(false)
      expect(yield* failure(client.recv(1))).toBeInstanceOf(SSLWantReadError)
      const piece = Buffer.alloc(65_536)
      const sending = spawn(function* () {
        for (;;) yield* client.send(piece)
      })
      expect(yield* failure(sending.get())).toBeInstanceOf(SSLWantWriteError)
      client.settimeout(undefined)
      const draining = spawn(function* () {
        while ((yield* server.recv(65_536)).length > 0) {}
      })
      yield* client.close()
      yield* draining
      closeAll(server)
    }))
})

describe('wrapping', () => {
  test('takes over the plain socket and its timeout', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      left.settimeout(5_000)
      const number = left.fileno()
      const accepting = spawn(() => serverContext().wrapSocket(right, { serverSide: true }))
      const client = yield* clientContext().wrapSocket(left, { serverHostname: 'localhost' })
      expect(left.fileno()).toBe(-1)
      expect(client.fileno()).toBe(number)
      expect(client.gettimeout()).toBe(5_000)
      expect(yield* failure(left.recv(1))).toMatchObject({ code: 'EBADF' })
      closeAll(client, yield* accepting)
    }))

  test('takes over bytes that have already been received (STARTTLS)', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const serving = spawn(function* (): Coroutine<string> {
        const file = right.makefile('rb')
        expect(String(yield* file.readline())).toBe('STARTTLS\n')
        file.close()
        // Wait until the client's first handshake message has arrived.
        yield* select([right], [], [])
        const secured = yield* serverContext().wrapSocket(right, { serverSide: true })
        const text = String(yield* secured.recv(100))
        yield* secured.sendall('220 secure\n')
        closeAll(secured)
        return text
      })
      left.autoCork = true
      yield* left.sendall('STARTTLS\n')
      const secured = yield* clientContext().wrapSocket(left, { serverHostname: 'localhost' })
      yield* secured.sendall('EHLO\n')
      expect(String(yield* secured.recv(100))).toBe('220 secure\n')
      expect(yield* serving).toBe('EHLO\n')
      closeAll(secured)
    }))

  test('performs the handshake in connect for an unconnected socket, in accept for a listener', () =>
    run(function* () {
      const plain = yield* listener()
      const server = yield* serverContext().wrapSocket(plain, { serverSide: true })
      const accepting = spawn(() => server.accept())
      const client = yield* clientContext().wrapSocket(socket(), { serverHostname: '127.0.0.1' })
      yield* client.connect(server.getsockname())
      const [accepted, address] = yield* accepting
      expect(accepted).toBeInstanceOf(SSLSocket)
      expect(address).toEqual(client.getsockname())
      yield* accepted.sendall('welcome')
      expect(String(yield* client.recv(100))).toBe('welcome')
      closeAll(client, accepted, server)
    }))

  test('closes a connection whose handshake fails in accept', () =>
    run(function* () {
      const server = yield* serverContext().wrapSocket(yield* listener(), { serverSide: true })
      using client = socket()
      yield* client.connect(server.getsockname())
      setdefaulttimeout(0)
      try {
        expect(yield* failure(server.accept())).toBeInstanceOf(RangeError)
      } finally {
        setdefaulttimeout(undefined)
      }
      expect((yield* client.recv(1)).length).toBe(0)
      server.close()
    }))

  test('works over TLS, giving TLS in TLS', () =>
    run(function* () {
      const outer = yield* secure(clientContext(), serverContext())
      const [client, server] = yield* secure(clientContext(), serverContext(), 'localhost', function* () {
        return outer as [Socket, Socket]
      })
      yield* client.sendall('twice')
      expect(String(yield* server.recv(100))).toBe('twice')
      closeAll(client, server)
    }))

  test('can be done in two steps', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const accepting = spawn(() => serverContext().wrapSocket(right, { serverSide: true }))
      const client = yield* clientContext().wrapSocket(left, {
        serverHostname: 'localhost',
        doHandshakeOnConnect: false,
      })
      yield* client.doHandshake()
      yield* client.doHandshake()
      const server = yield* accepting
      yield* client.sendall('x')
      expect(String(yield* server.recv(1))).toBe('x')
      closeAll(client, server)
    }))

  test('continues the handshake of a non-blocking socket in the background', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      left.setblocking(false)
      const context = clientContext()
      expect(yield* failure(context.wrapSocket(left, { serverHostname: 'localhost' }))).toBeInstanceOf(RangeError)
      const client = yield* context.wrapSocket(left, { serverHostname: 'localhost', doHandshakeOnConnect: false })
      expect(yield* failure(client.doHandshake())).toBeInstanceOf(SSLWantReadError)
      expect(yield* failure(client.doHandshake())).toBeInstanceOf(SSLWantReadError)
      expect(yield* failure(client.recv(1))).toBeInstanceOf(SSLWantReadError)
      expect([client.getsockname(), client.getpeername()]).toEqual([right.getpeername(), right.getsockname()])
      const accepting = spawn(() => serverContext().wrapSocket(right, { serverSide: true }))
      yield* select([], [client], [], { timeout: 5_000 })
      yield* client.doHandshake()
      const server = yield* accepting
      yield* client.send('x')
      expect(String(yield* server.recv(1))).toBe('x')
      closeAll(client, server)
    }))

  test('lets select follow the handshake of a non-blocking socket, at either end', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const ends: SSLSocket[] = []
      const shakeHands = function* (context: SSLContext, plain: Socket, options: WrapSocketOptions): Coroutine<void> {
        plain.setblocking(false)
        const secure = yield* context.wrapSocket(plain, { ...options, doHandshakeOnConnect: false })
        ends.push(secure)
        for (;;) {
          const tried = yield* attempt(secure.doHandshake())
          if (tried.ok) return
          expect(tried.error).toBeInstanceOf(SSLWantReadError)
          expect(yield* select([secure], [], [], { timeout: 5_000 })).toEqual([[secure], [], []])
        }
      }
      const accepting = spawn(shakeHands, serverContext(), right, { serverSide: true })
      yield* shakeHands(clientContext(), left, { serverHostname: 'localhost' })
      yield* accepting
      expect(yield* select(ends, [], [], { timeout: 0 })).toEqual([[], [], []])
      closeAll(...ends)
    }))

  test('reports a handshake started by recv once: recv can be retried, and has no data yet', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const options = { serverHostname: 'localhost', doHandshakeOnConnect: false }
      const client = yield* clientContext().wrapSocket(left, options)
      client.setblocking(false)
      using selector = new DefaultSelector()
      const key = selector.register(client, EVENT_READ)
      expect(yield* failure(client.recv(1))).toBeInstanceOf(SSLWantReadError)
      const accepting = spawn(() => serverContext().wrapSocket(right, { serverSide: true }))
      expect(yield* selector.select({ timeout: 5_000 })).toEqual([[key, EVENT_READ]])
      expect(yield* failure(client.recv(1))).toBeInstanceOf(SSLWantReadError)
      expect(yield* selector.select({ timeout: 0 })).toEqual([])
      closeAll(client, yield* accepting)
    }))

  test('reports the failure of a non-blocking handshake once it has occurred', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      left.setblocking(false)
      const options = { serverHostname: 'localhost', doHandshakeOnConnect: false }
      const client = yield* clientContext().wrapSocket(left, options)
      expect(yield* failure(client.doHandshake())).toBeInstanceOf(SSLWantReadError)
      yield* right.sendall('nothing of the kind\r\n')
      yield* select([], [client], [], { timeout: 5_000 })
      const error = yield* failure(client.doHandshake())
      expect(error).toBeInstanceOf(SSLError)
      expect(error).not.toBeInstanceOf(SSLWantReadError)
      expect((yield* failure<OSError>(client.recv(1))).code).toBe('ENOTCONN')
      closeAll(client, right)
    }))

  test.each(PAIRS)('fails with EPIPE %s if the sending side has ended', (_name, makePair) =>
    run(function* () {
      const [left, right] = yield* makePair()
      left.shutdown(SHUT_WR)
      yield* loopTurns()
      expect(yield* failure(clientContext().wrapSocket(left, { serverHostname: 'localhost' }))).toMatchObject({
        code: 'EPIPE',
      })
      closeAll(right)
    }),
  )

  test.each(PAIRS)('%s, when it fails, ends the wait of a greenlet that still sends', (_name, makePair) =>
    run(function* () {
      const [left, right] = yield* makePair()
      const sending = spawn(() => failure(left.sendall(Buffer.alloc(20_000_000))))
      yield* loopTurns()
      const handshake = spawn(() => clientContext().wrapSocket(left, { serverHostname: 'localhost' }))
      yield* loopTurns()
      yield* handshake.kill()
      expect(yield* sending).toBeInstanceOf(OSError)
      closeAll(right)
    }),
  )

  test('works with options instead of a context', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const options = { serverSide: true, certfile: SERVER.cert + SERVER.key, alpnProtocols: ['echo'] }
      const accepting = spawn(() => wrapSocket(right, options))
      const client = yield* wrapSocket(left, {
        serverHostname: 'example.test',
        caCerts: AUTHORITY.cert,
        alpnProtocols: ['other', 'echo'],
      })
      expect(client.selectedAlpnProtocol()).toBe('echo')
      closeAll(client, yield* accepting)
    }))

  test('works over Unix sockets', () =>
    run(function* () {
      const server = yield* createServer(`\0greenlit-tls-${process.pid}`, { family: AF_UNIX })
      const plain = socket(AF_UNIX)
      yield* plain.connect(server.getsockname())
      const [accepted] = yield* server.accept()
      const [client, end] = yield* secure(clientContext(), serverContext(), 'localhost', function* () {
        return [plain, accepted] as [Socket, Socket]
      })
      yield* client.sendall('x')
      expect(String(yield* end.recv(1))).toBe('x')
      closeAll(client, end, server)
    }))

  test('works with makefile and select', () =>
    run(function* () {
      const [client, server] = yield* secure(clientContext(), serverContext())
      const file = server.makefile('rwb')
      yield* client.sendall('first\nsecond')
      expect((yield* select([server], [], [], 2_000))[0]).toEqual([server])
      expect(yield* select([server], [server], [], 2_000)).toEqual([[server], [server], []])
      expect(String(yield* file.readline())).toBe('first\n')
      expect(server.pending()).toBe(6)
      yield* file.write('answer\n')
      yield* file.flush()
      expect(String(yield* client.recv(100))).toBe('answer\n')
      file.close()
      closeAll(client, server)
    }))
})

describe('a handshake', () => {
  test('is limited by the timeout of the socket, which closes the connection', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      left.settimeout(30)
      const error = yield* failure(clientContext().wrapSocket(left, { serverHostname: 'localhost' }))
      expect(error).toBeInstanceOf(TimeoutError)
      expect(error).toMatchObject({ message: 'The handshake operation timed out', errno: undefined })
      expect((yield* right.recv(65_536)).length).toBeGreaterThan(0)
      closeAll(right)
      const [mute, waiting] = yield* tcpPair()
      waiting.settimeout(30)
      expect(yield* failure(serverContext().wrapSocket(waiting, { serverSide: true }))).toBeInstanceOf(TimeoutError)
      expect((yield* mute.recv(10)).length).toBe(0)
      closeAll(mute)
    }))

  test('ends on a kill, which closes the connection', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const handshake = spawn(() => clientContext().wrapSocket(left, { serverHostname: 'localhost' }))
      yield* loopTurns()
      yield* handshake.kill()
      while ((yield* right.recv(65_536)).length > 0) {}
      closeAll(right)
    }))

  test('fails if the peer disconnects in the middle', () =>
    run(function* () {
      for (const early of [true, false]) {
        const [left, right] = yield* tcpPair()
        if (early) {
          right.shutdown(SHUT_WR)
          yield* select([left], [], [])
        }
        const handshake = spawn(() => clientContext().wrapSocket(left, { serverHostname: 'localhost' }))
        if (!early) yield* right.recv(65_536)
        right.shutdown(SHUT_WR)
        expect(yield* failure(handshake.get())).toBeInstanceOf(SSLEOFError)
        closeAll(right)
      }
      const [gone, leaving] = yield* tcpPair()
      leaving.close()
      yield* loopTurns()
      expect(yield* failure(clientContext().wrapSocket(gone, { serverHostname: 'localhost' }))).toBeInstanceOf(OSError)
      const [left, right] = yield* tcpPair()
      left.close()
      expect(yield* failure(serverContext().wrapSocket(right, { serverSide: true }))).toBeInstanceOf(SSLEOFError)
    }))

  test('fails with a peer that does not speak TLS', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const handshake = spawn(() => clientContext().wrapSocket(left, { serverHostname: 'localhost' }))
      yield* right.sendall('HTTP/1.1 400 Bad Request\r\n\r\n')
      const error = yield* failure<SSLError>(handshake.get())
      expect(error).toBeInstanceOf(SSLError)
      expect(error.reason).toMatch(/WRONG_VERSION_NUMBER|PACKET_LENGTH/)
      expect(error.message).toMatch(/^\[SSL: [A-Z_]+\] (wrong version number|packet length)/)
      closeAll(right)
      const [plain, server] = yield* tcpPair()
      yield* plain.sendall('GET / HTTP/1.1\r\n\r\n')
      const refused = yield* failure<SSLError>(serverContext().wrapSocket(server, { serverSide: true }))
      expect(refused).toBeInstanceOf(SSLError)
      expect(refused.reason).toBe('HTTP_REQUEST')
      closeAll(plain)
    }))

  test('is refused while another greenlet reads', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const reading = spawn(() => left.recv(1))
      yield* sleep(0)
      expect(yield* failure(clientContext().wrapSocket(left, { serverHostname: 'localhost' }))).toMatchObject({
        code: 'CONCURRENT_OBJECT_USE',
      })
      yield* right.sendall('x')
      expect(String(yield* reading)).toBe('x')
      closeAll(left, right)
    }))

  test('fails with EBADF if the socket is closed', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const client = yield* clientContext().wrapSocket(left, {
        serverHostname: 'localhost',
        doHandshakeOnConnect: false,
      })
      const handshake = spawn(() => client.doHandshake())
      yield* loopTurns()
      client.close()
      expect(yield* failure(handshake.get())).toMatchObject({ code: 'EBADF' })
      closeAll(right)
    }))
})

describe('ending TLS', () => {
  test("unwrap signals the end to the peer and waits for the peer's", () =>
    run(function* () {
      const [client, server] = yield* secure(clientContext(), serverContext())
      const ending = spawn(() => client.unwrap())
      expect((yield* server.recv(10)).length).toBe(0)
      expect(ending.ready()).toBe(false)
      yield* server.unwrap()
      yield* ending
      expect(client.closed).toBe(true)
      expect(server.closed).toBe(true)
      expect(() => client.read()).toThrow('Read on closed or unwrapped SSL socket')
      expect(() => client.write('x')).toThrow('Write on closed or unwrapped SSL socket')
      expect(yield* failure(client.recv(1))).toMatchObject({ code: 'EBADF' })
    }))

  test('unwrap discards what still arrives, and its timeout applies to the whole call', () =>
    run(function* () {
      const [client, server] = yield* secure(clientContext(), serverContext())
      using clock = useVirtualClock()
      let sent = 0
      for (const timeout of [100, new Timeout(100)]) {
        const ending = spawn(() => failure(client.unwrap({ timeout })))
        for (let round = 0; round < 3; round += 1) {
          yield* clock.advance(30)
          yield* server.sendall('x'.repeat(1_000))
          sent += 1_000
          while (secured(client).bytesRead < sent) yield* loopTurns(1)
          yield* loopTurns(3)
          expect(ending.ready()).toBe(false)
        }
        yield* clock.advance(10)
        expect(ending.value).toEqual(new TimeoutError('timed out'))
      }
      yield* server.sendall('x')
      const ending = spawn(() => client.unwrap())
      yield* server.sendall(Buffer.alloc(1_000_000))
      yield* server.unwrap()
      yield* ending
      expect(client.closed).toBe(true)
    }))

  test('close delivers what was sent before', () =>
    run(function* () {
      const [client, server] = yield* secure(clientContext(), serverContext())
      yield* client.send(Buffer.alloc(1024 * 1024))
      client.close()
      let size = 0
      for (let piece = yield* server.recv(65_536); piece.length > 0; piece = yield* server.recv(65_536))
        size += piece.length
      expect(size).toBe(1024 * 1024)
      closeAll(server)
    }))

  test('sending after the peer has disconnected fails with EPIPE', () =>
    run(function* () {
      for (const [, makePair] of PAIRS) {
        const [client, server] = yield* secure(clientContext(), serverContext(), 'localhost', makePair)
        client.close()
        expect((yield* server.recv(1)).length).toBe(0)
        let error: unknown
        while (error === undefined) {
          const sent = yield* attempt(server.send('x'))
          if (!sent.ok) error = sent.error
          yield* sleep(1)
        }
        expect((error as OSError).code).toBe('EPIPE')
        server.close()
      }
    }))

  test.each(PAIRS.filter(([name]) => name !== 'in memory'))(
    'sending %s fails if the peer disconnects right after its last handshake message',
    (_name, makePair) =>
      run(function* () {
        for (const size of [5, 2_000_000]) {
          const [left, near] = yield* tcpPair()
          const [far, right] = yield* makePair()
          const accepting = spawn(() => serverContext().wrapSocket(right, { serverSide: true }))
          const connecting = spawn(() => clientContext().wrapSocket(left, { serverHostname: 'localhost' }))
          yield* far.sendall(yield* near.recv(65_536))
          const back = spawn(function* (): Coroutine<void> {
            for (;;) yield* near.sendall(yield* far.recv(65_536))
          })
          const client = yield* connecting
          yield* back.kill()
          yield* client.sendall('hello')
          client.shutdown(SHUT_WR)
          // The server finds the rest of the handshake, what follows it and the reset all at once.
          using file = near.makefile('rb')
          yield* far.sendall(yield* file.read())
          far.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
          far.close()
          const server = yield* accepting
          expect(String(yield* server.recv(10))).toBe('hello')
          expect(yield* failure(server.sendall(Buffer.alloc(size)))).toBeInstanceOf(OSError)
          expect(yield* failure(server.send('x'))).toMatchObject({ code: 'EPIPE' })
          closeAll(client, near, server)
        }
      }),
  )

  test('closing one end of an in-memory pair ends both', () =>
    run(function* () {
      const [client, server] = yield* secure(clientContext(), serverContext(), 'localhost', function* () {
        return socketpair()
      })
      client.close()
      expect((yield* server.recv(1)).length).toBe(0)
      server.close()
    }))
})

test('what a client sends before it closes arrives even if it has read nothing', () =>
  run(function* () {
    const [client, server] = yield* secure(clientContext(), serverContext())
    const data = Buffer.alloc(300_000, 'x')
    const receiving = spawn(function* () {
      using file = server.makefile('rb')
      return yield* file.read()
    })
    yield* client.sendall(data)
    client.close()
    expect((yield* receiving).equals(data)).toBe(true)
    closeAll(server)
  }))
