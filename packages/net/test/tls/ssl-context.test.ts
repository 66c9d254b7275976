import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { attempt, type Coroutine, sleep, spawn } from '@greenlit/core'
import {
  AF_INET,
  CERT_NONE,
  CERT_OPTIONAL,
  CERT_REQUIRED,
  createDefaultContext,
  getServerCertificate,
  OP_NO_SSLv3,
  OP_NO_TLSv1_3,
  OSError,
  PROTOCOL_TLS_CLIENT,
  PROTOCOL_TLS_SERVER,
  Purpose,
  SOCK_DGRAM,
  SSLCertVerificationError,
  SSLContext,
  SSLError,
  type SSLSocket,
  socket,
  TimeoutError,
  TLSVersion,
  wrapSocket,
} from '@greenlit/net'
import { afterAll, describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, listener, run, tcpPair } from '../pair.ts'
import { AUTHORITY, clientContext, OTHER_AUTHORITY, refusals, SERVER, secure, serverContext } from './wrap.ts'

guardLeaks()

const folder = mkdtempSync(join(tmpdir(), 'greenlit-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CLIENT = AUTHORITY.issue({ name: 'client' })
const STRANGER = OTHER_AUTHORITY.issue({ name: 'stranger', hosts: ['localhost'] })

function closeAll(...sockets: readonly SSLSocket[]): void {
  for (const each of sockets) each.close()
}

describe('the settings of a context', () => {
  test('are by default strict for clients and lenient for servers', () => {
    const client = new SSLContext()
    expect(client).toMatchObject({ protocol: PROTOCOL_TLS_CLIENT, verifyMode: CERT_REQUIRED, checkHostname: true })
    const server = new SSLContext(PROTOCOL_TLS_SERVER)
    expect(server).toMatchObject({ verifyMode: CERT_NONE, checkHostname: false })
    expect(createDefaultContext()).toMatchObject({ protocol: PROTOCOL_TLS_CLIENT, verifyMode: CERT_REQUIRED })
    expect(createDefaultContext(Purpose.CLIENT_AUTH)).toMatchObject({ protocol: PROTOCOL_TLS_SERVER })
    expect(createDefaultContext({ purpose: Purpose.CLIENT_AUTH })).toMatchObject({ protocol: PROTOCOL_TLS_SERVER })
    expect(() => createDefaultContext('other' as never)).toThrow(RangeError)
    expect(() => new SSLContext(2)).toThrow(RangeError)
  })

  test('are kept consistent', () => {
    const context = new SSLContext()
    expect(() => {
      context.verifyMode = CERT_NONE
    }).toThrow('Cannot set verifyMode to CERT_NONE when checkHostname is enabled')
    context.checkHostname = false
    context.verifyMode = CERT_NONE
    context.checkHostname = true
    expect(context.verifyMode).toBe(CERT_REQUIRED)
    expect(() => {
      context.verifyMode = 7 as never
    }).toThrow(RangeError)
    expect(() => {
      context.minimumVersion = 'SSLv3' as never
    }).toThrow(RangeError)
    expect(() => {
      context.verifyMode = undefined as never
    }).toThrow(TypeError)
    expect(() => {
      context.sniCallback = 'x' as never
    }).toThrow(TypeError)
    expect([context.minimumVersion, context.maximumVersion]).toEqual([TLSVersion.TLSv1_2, TLSVersion.TLSv1_3])
    context.minimumVersion = TLSVersion.MINIMUM_SUPPORTED
    context.maximumVersion = TLSVersion.TLSv1_1
    expect([context.minimumVersion, context.maximumVersion]).toEqual(['TLSv1', 'TLSv1.1'])
    expect(() => context.setAlpnProtocols('h2' as never)).toThrow(TypeError)
    expect(() => context.setAlpnProtocols([''])).toThrow(RangeError)
    expect(() => context.setAlpnProtocols([5 as never])).toThrow(TypeError)
    expect(() => context.setAlpnProtocols(['x'.repeat(256)])).toThrow(RangeError)
    expect(() => context.setAlpnProtocols(['é'])).toThrow(RangeError)
    for (const ciphers of ['no such cipher', "^$:,;?*'", '']) {
      expect(() => context.setCiphers(ciphers)).toThrow(SSLError)
      expect(() => context.setCiphers(ciphers)).toThrow('No cipher can be selected.')
    }
  })

  test('choose the cipher at either end, also for a single socket', () =>
    run(function* () {
      for (const [ciphers, bits] of [
        ['ECDHE+AES128', 128],
        ['ECDHE+AES256', 256],
      ] as const) {
        const server = serverContext()
        server.maximumVersion = TLSVersion.TLSv1_2
        const [left, right] = yield* tcpPair()
        const accepting = spawn(() => server.wrapSocket(right, { serverSide: true }))
        const client = yield* wrapSocket(left, { serverHostname: 'localhost', caCerts: AUTHORITY.cert, ciphers })
        expect(client.cipher()![2]).toBe(bits)
        closeAll(client, yield* accepting)
        server.setCiphers(ciphers)
        const [other, accepted] = yield* secure(clientContext(), server)
        expect(other.cipher()![2]).toBe(bits)
        closeAll(other, accepted)
      }
    }))

  test('include a sum of options', () =>
    run(function* () {
      const context = serverContext()
      const { options } = context
      expect(options & OP_NO_SSLv3).toBe(OP_NO_SSLv3)
      context.options |= OP_NO_TLSv1_3
      expect(context.options).toBe(options | OP_NO_TLSv1_3)
      const [older, server] = yield* secure(clientContext(), context)
      expect(older.version()).toBe('TLSv1.2')
      closeAll(older, server)
      context.options &= ~OP_NO_TLSv1_3
      expect(context.options).toBe(options)
      const [newer, other] = yield* secure(clientContext(), context)
      expect(newer.version()).toBe('TLSv1.3')
      closeAll(newer, other)
      expect(() => {
        context.options = -1
      }).toThrow(RangeError)
      expect(() => {
        context.options = 2 ** 31
      }).toThrow(RangeError)
      expect(() => {
        context.options = 'x' as never
      }).toThrow(TypeError)
    }))

  test('list the trusted certificates', () => {
    const context = new SSLContext()
    expect(context.getCaCerts()).toEqual([])
    expect(context.certStoreStats()).toEqual({ x509: 0, crl: 0, x509_ca: 0 })
    for (const cadata of [AUTHORITY.cert, AUTHORITY.cert, SERVER.cert, `before\n${OTHER_AUTHORITY.cert}after`]) {
      context.loadVerifyLocations({ cadata })
    }
    expect(context.certStoreStats()).toEqual({ x509: 3, crl: 0, x509_ca: 2 })
    expect(context.getCaCerts()).toMatchObject([
      { subject: { CN: 'Greenlit Test Authority' } },
      { subject: { CN: 'Another Authority' } },
    ])
    const der = context.getCaCerts(true)
    const other = new SSLContext()
    other.loadVerifyLocations({ cadata: Buffer.concat(der) })
    expect(other.getCaCerts(true)).toEqual(der)
    for (const cadata of ['broken', Buffer.from('broken'), Buffer.concat([der[0]!, Buffer.from([1])])]) {
      expect(() => other.loadVerifyLocations({ cadata })).toThrow('does not contain a certificate')
    }
    expect(() => other.loadVerifyLocations(SERVER.key)).toThrow(SSLError)
    const garbled = AUTHORITY.cert.replace(/\n[^-\n]+/, '\nAAAA')
    for (const cadata of [garbled, AUTHORITY.cert + garbled, Buffer.from([0x30, 0x01, 0x00])]) {
      expect(() => other.loadVerifyLocations({ cadata })).toThrow('cadata holds a malformed certificate')
    }
    expect(() => other.loadVerifyLocations({ cadata: SERVER.key })).toThrow('does not contain a certificate')
    expect(other.getCaCerts(true)).toEqual(der)
    expect(() => other.loadVerifyLocations({ cadata: 5 as never })).toThrow(TypeError)
  })

  test('read a key with a password, which is requested only if needed', () => {
    const context = new SSLContext(PROTOCOL_TLS_SERVER)
    const key = createPrivateKey(SERVER.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'open sesame',
    }) as string
    for (const password of ['open sesame', Buffer.from('open sesame'), () => 'open sesame']) {
      context.loadCertChain(SERVER.cert, key, password)
    }
    context.loadCertChain({ certfile: SERVER.cert, keyfile: key, password: () => Buffer.from('open sesame') })
    context.loadCertChain(SERVER.cert, key, { password: 'open sesame' })
    expect(() => context.loadCertChain(SERVER.cert, key)).toThrow(SSLError)
    expect(() => context.loadCertChain(SERVER.cert, key, 'wrong')).toThrow(SSLError)
    expect(() => context.loadCertChain(SERVER.cert, key, 'x'.repeat(1025))).toThrow(
      'Expected `password` to be at most 1024 bytes, got 1025',
    )
    expect(() => context.loadCertChain(SERVER.cert, key, true as never)).toThrow(TypeError)
    expect(() => context.loadCertChain(SERVER.cert, key, () => 9 as never)).toThrow(TypeError)
    const asked = () => {
      throw new Error('asked')
    }
    expect(() => context.loadCertChain(SERVER.cert, key, asked)).toThrow('asked')
    context.loadCertChain(SERVER.cert, SERVER.key, asked)
  })

  test('refuse invalid host names, and connecting in server mode', () =>
    run(function* () {
      const plain = socket()
      for (const serverHostname of ['', '.example.test']) {
        expect(() => clientContext().wrapSocket(plain, { serverHostname })).toThrow(RangeError)
      }
      expect(() => clientContext().wrapSocket(plain, { serverHostname: 'a\0b' })).toThrow(TypeError)
      expect(() => clientContext().wrapSocket(plain, { serverHostname: '\u00ad' })).toThrow(RangeError)
      const server = yield* serverContext().wrapSocket(plain, { serverSide: true })
      expect(() => server.connect(['127.0.0.1', 9])).toThrow("can't connect in server-side mode")
      server.close()
    }))

  test('refuse missing files and invalid certificates', () => {
    const context = new SSLContext(PROTOCOL_TLS_SERVER)
    expect(() => context.loadCertChain(join(folder, 'missing.pem'))).toThrow(OSError)
    expect(() => context.loadCertChain(1 as never)).toThrow(TypeError)
    expect(() => context.loadCertChain(SERVER.cert)).toThrow(SSLError)
    expect(() => context.loadCertChain(SERVER.cert)).toThrow('PEM lib: certfile does not contain a private key')
    expect(() => context.loadCertChain(SERVER.key)).toThrow('PEM lib: certfile does not contain a certificate')
    expect(() => context.loadCertChain(SERVER.cert, SERVER.cert)).toThrow('keyfile does not contain a private key')
    expect(() => context.loadCertChain(Buffer.alloc(0), SERVER.key)).toThrow(SSLError)
    expect(() => context.loadCertChain({} as never)).toThrow(TypeError)
    context.loadCertChain({ certfile: SERVER.cert, keyfile: SERVER.key })
    context.loadCertChain(Buffer.from(SERVER.cert), { keyfile: SERVER.key })
    expect(() => context.loadCertChain(SERVER.cert, CLIENT.key)).toThrow(SSLError)
    expect(() => context.loadVerifyLocations(join(folder, 'missing.pem'))).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    )
    expect(() => context.loadVerifyLocations({})).toThrow('cafile, capath and cadata cannot be all omitted')
  })

  test('are checked when a socket is wrapped', () =>
    run(function* () {
      const plain = socket()
      expect(() => clientContext().wrapSocket(plain)).toThrow('checkHostname requires serverHostname')
      expect(() => clientContext().wrapSocket(plain, { serverSide: true })).toThrow(SSLError)
      expect(() => serverContext().wrapSocket(plain)).toThrow(SSLError)
      expect(() => serverContext().wrapSocket(plain, { serverSide: true, serverHostname: 'x' })).toThrow(RangeError)
      expect(() => new SSLContext(PROTOCOL_TLS_SERVER).wrapSocket(plain, { serverSide: true })).toThrow('certificate')
      const session = Buffer.from('session')
      expect(() => serverContext().wrapSocket(plain, { serverSide: true, session })).toThrow(RangeError)
      expect(() => clientContext().wrapSocket({} as never, { serverHostname: 'x' })).toThrow(TypeError)
      expect(() => clientContext().wrapSocket(plain, { serverHostname: 1 as never })).toThrow(TypeError)
      using datagrams = socket(AF_INET, SOCK_DGRAM)
      const refused = yield* failure<OSError>(clientContext().wrapSocket(datagrams, { serverHostname: 'x' }))
      expect(refused.code).toBe('EOPNOTSUPP')
      const careless = clientContext()
      careless.checkHostname = false
      plain.setblocking(false)
      const secured = yield* careless.wrapSocket(plain)
      expect([secured.gettimeout(), plain.fileno()]).toEqual([0, -1])
      secured.close()
    }))
})

describe('certificates', () => {
  test('that the other settings forbid fail the handshake, as client or server', () =>
    run(function* () {
      const [client, server] = [new SSLContext(), serverContext()]
      client.loadCertChain(SERVER.cert, SERVER.key)
      client.checkHostname = false
      for (const context of [client, server]) {
        context.setCiphers('DEFAULT@SECLEVEL=5')
        const [left, right] = yield* tcpPair()
        const secured = yield* context.wrapSocket(left, { serverSide: context === server, doHandshakeOnConnect: false })
        expect(yield* failure(secured.doHandshake())).toBeInstanceOf(SSLError)
        expect((yield* right.recv(1)).length).toBe(0)
        right.close()
        secured.close()
      }
    }))

  test('are read from files, directories and text', () =>
    run(function* () {
      const paths = { cert: join(folder, 'server.crt'), key: join(folder, 'server.key'), ca: join(folder, 'ca.pem') }
      writeFileSync(paths.cert, SERVER.cert)
      writeFileSync(paths.key, SERVER.key)
      writeFileSync(paths.ca, AUTHORITY.cert)
      const server = new SSLContext(PROTOCOL_TLS_SERVER)
      server.loadCertChain(paths.cert, paths.key)
      for (const given of [{ cafile: paths.ca }, { capath: folder }, { cadata: Buffer.from(AUTHORITY.cert) }]) {
        closeAll(...(yield* secure(createDefaultContext(given), server)))
      }
    }))

  test('of a server are rejected from another authority, for another host and when expired', () =>
    run(function* () {
      const expired = AUTHORITY.issue({ name: 'old', hosts: ['localhost'], expired: true })
      const cases = [
        [serverContext(STRANGER), 'localhost', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
        [serverContext(), 'other.test', 'ERR_TLS_CERT_ALTNAME_INVALID'],
        [serverContext(), '127.0.0.2', 'ERR_TLS_CERT_ALTNAME_INVALID'],
        [serverContext(expired), 'localhost', 'CERT_HAS_EXPIRED'],
      ] as const
      for (const [server, host, code] of cases) {
        const [refused] = yield* refusals(clientContext(), server, host)
        expect(refused).toBeInstanceOf(SSLCertVerificationError)
        expect(refused).toBeInstanceOf(SSLError)
        expect(refused).toBeInstanceOf(OSError)
        expect(refused).toMatchObject({ code, message: expect.stringContaining('certificate verify failed') })
      }
    }))

  test('of several types of keys can be loaded; the negotiated cipher chooses', () =>
    run(function* () {
      const server = serverContext()
      const hosts = ['localhost']
      const rsa = AUTHORITY.issue({ name: 'rsa', hosts, rsa: true })
      const key = createPrivateKey(rsa.key).export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'x',
      })
      server.loadCertChain(rsa.cert, key as string, 'x')
      const other = AUTHORITY.issue({ name: 'other', hosts })
      for (const [ciphers, name] of [
        ['ECDHE+ECDSA', 'server'],
        ['ECDHE+aRSA', 'rsa'],
        ['ECDHE+ECDSA', 'other'],
        ['ECDHE+aRSA', 'rsa'],
      ] as const) {
        if (name === 'other') server.loadCertChain(other.cert, other.key)
        const client = clientContext()
        client.maximumVersion = TLSVersion.TLSv1_2
        client.setCiphers(ciphers)
        const [left, right] = yield* secure(client, server)
        expect(left.getpeercert()!.subject.CN).toBe(name)
        closeAll(left, right)
      }
    }))

  test('of a server are not verified if the context says so', () =>
    run(function* () {
      const context = clientContext()
      context.checkHostname = false
      closeAll(...(yield* secure(context, serverContext(), 'other.test')))
      context.verifyMode = CERT_NONE
      closeAll(...(yield* secure(context, serverContext(STRANGER))))
    }))

  test('are trusted only if they were loaded', () =>
    run(function* () {
      const [refused] = yield* refusals(new SSLContext(), serverContext())
      expect(refused).toBeInstanceOf(SSLCertVerificationError)
      const [byDefault] = yield* refusals(createDefaultContext(), serverContext())
      expect(byDefault).toBeInstanceOf(SSLCertVerificationError)
      const both = createDefaultContext()
      both.loadVerifyLocations({ cadata: AUTHORITY.cert })
      closeAll(...(yield* secure(both, serverContext())))
    }))

  test('bundled with Node are trusted by default, in addition to those loaded', () => {
    const all = rootCertificates.length
    expect(createDefaultContext().certStoreStats().x509).toBe(all)
    expect(createDefaultContext({ purpose: Purpose.CLIENT_AUTH, cadata: AUTHORITY.cert }).getCaCerts().length).toBe(1)
    const own = clientContext()
    own.loadDefaultCerts()
    expect(own.certStoreStats().x509).toBe(all + 1)
    const twice = createDefaultContext()
    twice.loadDefaultCerts()
    expect(twice.certStoreStats().x509).toBe(all)
    expect(createDefaultContext(Purpose.CLIENT_AUTH).certStoreStats().x509).toBe(0)
  })

  test('and settings that change apply to connections wrapped later', () =>
    run(function* () {
      const client = clientContext()
      const server = serverContext()
      closeAll(...(yield* secure(client, server)))
      server.loadCertChain(STRANGER.cert, STRANGER.key)
      expect((yield* refusals(client, server))[0]).toBeInstanceOf(SSLCertVerificationError)
      client.loadVerifyLocations({ cadata: OTHER_AUTHORITY.cert })
      const [left, right] = yield* secure(client, server)
      expect(left.getpeercert()!.subject.CN).toBe('stranger')
      closeAll(left, right)
      server.loadVerifyLocations({ cadata: AUTHORITY.cert })
      server.setAlpnProtocols(['h2'])
      client.setAlpnProtocols(['h2'])
      const named = yield* secure(client, server)
      expect(named.map((each) => each.selectedAlpnProtocol())).toEqual(['h2', 'h2'])
      closeAll(...named)
      server.verifyMode = CERT_REQUIRED
      expect((yield* refusals(client, server))[1]).toMatchObject({ reason: 'PEER_DID_NOT_RETURN_A_CERTIFICATE' })
    }))

  test('of clients are requested and verified', () =>
    run(function* () {
      const server = serverContext()
      server.verifyMode = CERT_REQUIRED
      server.loadVerifyLocations({ cadata: AUTHORITY.cert })
      const client = clientContext()
      client.loadCertChain(CLIENT.cert, CLIENT.key)
      const [left, right] = yield* secure(client, server)
      expect(right.getpeercert()!.subject.CN).toBe('client')
      closeAll(left, right)
      const stranger = clientContext()
      stranger.loadCertChain(STRANGER.cert, STRANGER.key)
      const [, refused] = yield* refusals(stranger, server)
      expect(refused).toBeInstanceOf(SSLCertVerificationError)
      const [told, missing] = yield* refusals(clientContext(), server)
      expect(missing).toMatchObject({ name: 'SSLError', reason: 'PEER_DID_NOT_RETURN_A_CERTIFICATE' })
      expect(told).toBeInstanceOf(SSLError)
    }))

  test('of clients may be missing if optional, but must be valid', () =>
    run(function* () {
      const server = serverContext()
      server.verifyMode = CERT_OPTIONAL
      server.loadVerifyLocations(AUTHORITY.cert)
      const [left, right] = yield* secure(clientContext(), server)
      expect(right.getpeercert()).toBe(undefined)
      closeAll(left, right)
      const known = clientContext()
      known.loadCertChain(CLIENT.cert, CLIENT.key)
      const [client, accepted] = yield* secure(known, server)
      expect(accepted.getpeercert()!.subject.CN).toBe('client')
      closeAll(client, accepted)
      const stranger = clientContext()
      stranger.loadCertChain(STRANGER.cert, STRANGER.key)
      const [, refused] = yield* refusals(stranger, server)
      expect(refused).toBeInstanceOf(SSLCertVerificationError)
      expect(refused).toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
    }))

  test('of a server can be fetched', () =>
    run(function* () {
      const server = yield* serverContext().wrapSocket(yield* listener(), { serverSide: true })
      const serving = spawn(function* () {
        for (let count = 0; count < 3; count += 1) {
          const got = yield* attempt(server.accept())
          if (!got.ok) return
          const [client] = got.value
          yield* client.recv(1)
          client.close()
        }
      })
      const address = server.getsockname() as [string, number]
      expect(yield* getServerCertificate(address)).toBe(SERVER.cert)
      expect(yield* getServerCertificate(address, { caCerts: AUTHORITY.cert, timeout: 5_000 })).toBe(SERVER.cert)
      const untrusted = getServerCertificate(address, { caCerts: OTHER_AUTHORITY.cert })
      expect(yield* failure(untrusted)).toBeInstanceOf(SSLCertVerificationError)
      yield* serving
      server.close()
      using mute = yield* listener()
      const waiting = getServerCertificate(mute.getsockname() as [string, number], { timeout: 20 })
      expect(yield* failure(waiting)).toBeInstanceOf(TimeoutError)
    }))
})

describe('negotiation between both ends', () => {
  test("chooses the first of the server's protocols that the client supports too", () =>
    run(function* () {
      const [client, server] = [clientContext(), serverContext()]
      client.setAlpnProtocols(['http/1.1', 'h2'])
      server.setAlpnProtocols(['h2', 'http/1.1'])
      const [left, right] = yield* secure(client, server)
      expect(left.selectedAlpnProtocol()).toBe('h2')
      expect(right.selectedAlpnProtocol()).toBe('h2')
      closeAll(left, right)
      server.setAlpnProtocols(['other'])
      const [refused] = yield* refusals(client, server)
      expect(refused).toBeInstanceOf(SSLError)
    }))

  test('chooses a version within the bounds of both', () =>
    run(function* () {
      const [client, server] = [clientContext(), serverContext()]
      client.maximumVersion = 'TLSv1.2'
      expect(client.maximumVersion).toBe('TLSv1.2')
      const [left, right] = yield* secure(client, server)
      expect(left.version()).toBe('TLSv1.2')
      closeAll(left, right)
      server.minimumVersion = 'TLSv1.3'
      const [refused, told] = yield* refusals(client, server)
      expect(refused).toBeInstanceOf(SSLError)
      expect(told).toMatchObject({ name: 'SSLError', reason: 'UNSUPPORTED_PROTOCOL' })
    }))

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('resumes an earlier session if the client has one, over %s', (version) =>
    run(function* () {
      const [client, server] = [clientContext(), serverContext()]
      client.maximumVersion = version
      const [left, right] = yield* secure(client, server)
      expect(left.sessionReused).toBe(false)
      yield* left.sendall('x')
      yield* right.recv(1)
      yield* right.sendall('x')
      yield* left.recv(1)
      const { session } = left
      expect(session).toBeInstanceOf(Buffer)
      closeAll(left, right)
      const [plain, accepted] = yield* tcpPair()
      for (const bad of ['x', {}, null]) {
        const options = { serverHostname: 'localhost', session: bad as never }
        expect(() => client.wrapSocket(plain, options)).toThrow(TypeError)
      }
      const accepting = spawn(() => server.wrapSocket(accepted, { serverSide: true }))
      const resumed = yield* client.wrapSocket(plain, { serverHostname: 'localhost', session: session! })
      const serving = yield* accepting
      yield* serving.sendall('x')
      yield* resumed.recv(1)
      expect(resumed.sessionReused).toBe(true)
      expect(resumed.getpeercert()!.subject.CN).toBe('server')
      expect(resumed.getpeercert(true)).toEqual(new X509Certificate(SERVER.cert).raw)
      expect(serving.getpeercert()).toBe(undefined)
      closeAll(resumed, serving)
    }),
  )
})

describe('choosing the certificate by the requested server name', () => {
  const first = AUTHORITY.issue({ name: 'first', hosts: ['first.test'] })
  const second = AUTHORITY.issue({ name: 'second', hosts: ['second.test'] })

  test('serves each host its own certificate, also with a coroutine', () =>
    run(function* () {
      const contexts = new Map([
        ['first.test', serverContext(first)],
        ['second.test', serverContext(second)],
      ])
      const asked: string[] = []
      const plain = serverContext()
      plain.sniCallback = (socket, name, initial) => {
        asked.push(name)
        expect(socket.context).toBe(initial)
        socket.context = contexts.get(name) ?? initial
      }
      const slow = serverContext()
      slow.sniCallback = function* (_socket, name): Coroutine<SSLContext | undefined> {
        yield* sleep(2)
        return contexts.get(name)
      }
      for (const server of [plain, slow]) {
        for (const [host, name] of [
          ['first.test', 'first'],
          ['second.test', 'second'],
          ['localhost', 'server'],
        ]) {
          const [left, right] = yield* secure(clientContext(), server, host)
          expect(left.getpeercert()!.subject.CN).toBe(name)
          closeAll(left, right)
        }
      }
      // An IP address cannot be requested as a server name.
      closeAll(...(yield* secure(clientContext(), plain, '127.0.0.1')))
      expect(asked).toEqual(['first.test', 'second.test', 'localhost'])
    }))

  test('knows international names in their ASCII form', () =>
    run(function* () {
      const server = serverContext(AUTHORITY.issue({ name: 'international', hosts: ['xn--bcher-kva.test'] }))
      const asked: string[] = []
      server.sniCallback = (_socket, name) => {
        asked.push(name)
      }
      const [left, right] = yield* secure(clientContext(), server, 'Bücher.test')
      expect([left.serverHostname, ...asked]).toEqual(['xn--bcher-kva.test', 'xn--bcher-kva.test'])
      closeAll(left, right)
    }))

  test('fails the handshake if it throws, or returns something that is not a context', () =>
    run(function* () {
      const server = serverContext()
      server.sniCallback = () => {
        throw new Error('no such host')
      }
      const [refused, told] = yield* refusals(clientContext(), server)
      expect(refused).toBeInstanceOf(Error)
      expect(told).toMatchObject({ message: 'no such host' })
      server.sniCallback = () => 'first.test' as never
      expect((yield* refusals(clientContext(), server))[1]).toMatchObject({
        name: 'TypeError',
        message: expect.stringContaining('got "first.test"'),
      })
      server.sniCallback = () => new SSLContext(PROTOCOL_TLS_SERVER)
      expect((yield* refusals(clientContext(), server))[1]).toMatchObject({
        message: 'Expected a certificate for the server side: call loadCertChain first',
      })
      const impossible = serverContext()
      impossible.setCiphers('DEFAULT@SECLEVEL=5')
      server.sniCallback = () => impossible
      expect((yield* refusals(clientContext(), server))[1]).toBeInstanceOf(SSLError)
    }))

  test('ends with the handshake', () =>
    run(function* () {
      const server = serverContext()
      server.sniCallback = function* () {
        yield* sleep(60_000)
      }
      const [left, right] = yield* tcpPair()
      const handshake = spawn(() => server.wrapSocket(right, { serverSide: true }))
      left.settimeout(20)
      yield* failure(clientContext().wrapSocket(left, { serverHostname: 'localhost' }))
      yield* failure(handshake.get())
    }))
})

test('concurrent handshakes are kept apart', () =>
  run(function* () {
    const [client, server] = [clientContext(), serverContext()]
    const pairs = Array.from({ length: 20 }, (_, index) =>
      spawn(function* (): Coroutine<void> {
        if (index % 5 === 4) {
          const [refused] = yield* refusals(client, server, 'other.test')
          expect(refused).toBeInstanceOf(SSLCertVerificationError)
          return
        }
        const [left, right] = yield* secure(client, server)
        yield* left.sendall(`${index}`)
        expect(String(yield* right.recv(10))).toBe(`${index}`)
        closeAll(left, right)
      }),
    )
    for (const pair of pairs) yield* pair.get()
  }))

test('a client without a context verifies certificates unless told not to', () =>
  run(function* () {
    const server = serverContext(STRANGER)
    for (const certReqs of [undefined, CERT_NONE] as const) {
      const [left, right] = yield* tcpPair()
      const accepting = spawn(() => server.wrapSocket(right, { serverSide: true }))
      const options = { serverHostname: 'localhost', ...(certReqs === undefined ? {} : { certReqs }) }
      if (certReqs === undefined) {
        expect(yield* failure(wrapSocket(left, options))).toBeInstanceOf(SSLCertVerificationError)
        yield* accepting.join()
        if (accepting.successful()) closeAll(accepting.value as SSLSocket)
      } else {
        closeAll(yield* wrapSocket(left, options), yield* accepting)
      }
    }
  }))
