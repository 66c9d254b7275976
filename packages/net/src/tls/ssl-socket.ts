import type { CipherNameAndProtocol, DetailedPeerCertificate, TLSSocket } from 'node:tls'
import type { Operation } from '@greenlit/core'
import { Call, type TimeLimit } from '@greenlit/core/engine'
import type { Address, AddressLike, InetAddress } from '../address/address.ts'
import type { BufferLike, BytesLike } from '../bytes.ts'
import type { Description } from '../description/description.ts'
import { SSLError, SSLWantReadError, SSLWantWriteError } from '../errors/ssl-error.ts'
import type { SendableFile, SendfileOptions } from '../file/sendfile.ts'
import { Socket } from '../socket/socket.ts'
import { type CallOptions, callTimeout, type RecvIntoOptions, type RecvOptions } from '../socket/timeouts.ts'
import type { Transport } from '../stream/transport.ts'
import { certificateOf } from './certificates.ts'
import { Handshake } from './handshake.ts'
import type { HandshakeAttempt, HandshakeOptions } from './handshake-attempt.ts'
import {
  acceptSecurely,
  callSecurely,
  connectSecurely,
  endSecurely,
  limitWithoutFlags,
  notAllowed,
} from './secure-calls.ts'
import { certificateIn } from './session-certificate.ts'
import type { SSLContext } from './ssl-context.ts'

/** The options as `SSLContext.wrapSocket` has resolved them. */
export interface SecureOptions extends HandshakeOptions {
  readonly doHandshakeOnConnect: boolean
}

/**
 * A socket over TLS (Python: ssl.SSLSocket), created by `SSLContext.wrapSocket` and used like any `Socket`. `shutdown(SHUT_WR)` and
 * `close` signal the end of the stream to the peer. A call that receives or sends before the handshake is done performs the
 * handshake first, or waits for the one in progress. Its own `timeout` then ends only that call; the socket's timeout, which also
 * limits the handshake, closes the connection.
 *
 * @example
 * const secure = yield* createDefaultContext().wrapSocket(client, { serverHostname: 'localhost' })
 * yield* secure.sendall('hello')
 */
export class SSLSocket extends Socket {
  /** The socket's context; an `sniCallback` may replace it. */
  context: SSLContext
  /** Whether the socket is the server side of the handshake. */
  readonly serverSide: boolean
  /** The host that a client requests, in its ASCII form ('xn--...') if it is an international name. */
  readonly serverHostname: string | undefined
  /** @internal */
  handshake: HandshakeAttempt | null = null
  private readonly options: SecureOptions

  /** @internal */
  constructor(description: Description, options: SecureOptions) {
    super(description.family, description.type as 1, 0, { description })
    this.context = options.context
    this.serverSide = options.serverSide
    this.serverHostname = options.serverHostname
    this.options = options
  }

  /**
   * Performs the handshake (Python: do_handshake); needed only with `doHandshakeOnConnect: false`. Does nothing if it is already done.
   *
   * @param options `timeout`: milliseconds, by default the socket's
   * @throws {SSLError} and its subclasses; {TimeoutError} when the limit expires, which closes the connection; {SSLWantReadError} with
   * a limit of 0 while the handshake is in progress: `select` for reading or writing tells when to call again
   */
  doHandshake(options?: CallOptions): Operation<undefined> {
    const limit = callTimeout(options)
    return this.afterHandshake(new Handshake(this, this.options, limit), limit, false)
  }

  /** Connects as `Socket.connect` does, then performs the handshake. */
  override connect(address: AddressLike, options?: CallOptions): Operation<undefined> {
    if (this.serverSide) throw new RangeError("can't connect in server-side mode")
    const connecting = super.connect(address, options)
    return this.options.doHandshakeOnConnect ? new Call(connectSecurely, [this, connecting, options]) : connecting
  }

  /** Accepts as `Socket.accept` does, then performs the handshake under the default timeout. Returns an `SSLSocket`. */
  override accept(options?: CallOptions): Operation<[SSLSocket, Address]> {
    return new Call(acceptSecurely, [this, super.accept(options), this.options.doHandshakeOnConnect])
  }

  /** Like `Socket.recv`, but without flags; performs the handshake first if it is not done yet. */
  override recv(bufsize: number, flags?: number | RecvOptions, options?: RecvOptions): Operation<Buffer> {
    const limit = limitWithoutFlags('recv', flags, options)
    return this.afterHandshake(super.recv(bufsize, flags, options), limit)
  }

  /** Like `Socket.recvInto`, but without flags; performs the handshake first if it is not done yet. */
  override recvInto(
    buffer: BufferLike,
    nbytes?: number | RecvIntoOptions,
    flags?: number | RecvOptions,
    options?: RecvOptions,
  ): Operation<number> {
    const limit = limitWithoutFlags('recvInto', flags, typeof nbytes === 'object' ? nbytes : options)
    return this.afterHandshake(super.recvInto(buffer, nbytes, flags, options), limit)
  }

  /** Like `Socket.recvExact`; performs the handshake first if it is not done yet. */
  override recvExact(size: number, options?: CallOptions): Operation<Buffer> {
    return this.afterHandshake(super.recvExact(size, options), callTimeout(options))
  }

  /** Like `Socket.send`, but without flags; performs the handshake first if it is not done yet. */
  override send(data: BytesLike, flags?: number | RecvOptions, options?: RecvOptions): Operation<number> {
    const limit = limitWithoutFlags('send', flags, options)
    return this.afterHandshake(super.send(data, flags, options), limit)
  }

  /** Like `Socket.sendall`, but without flags; performs the handshake first if it is not done yet. */
  override sendall(data: BytesLike, flags?: number | RecvOptions, options?: RecvOptions): Operation<undefined> {
    const limit = limitWithoutFlags('sendall', flags, options)
    return this.afterHandshake(super.sendall(data, flags, options), limit)
  }

  /** Like `Socket.sendfile`; performs the handshake first if it is not done yet. */
  override sendfile(file: SendableFile, offset?: number | SendfileOptions, count?: number): Operation<number> {
    return this.afterHandshake(super.sendfile(file, offset, count), undefined)
  }

  /**
   * Receives bytes as they arrive (Python: SSLSocket.read): the same as `recv`, or with a buffer the same as `recvInto`.
   *
   * @param len the maximum number of bytes, from 0 up. Default 1024
   * @param buffer the buffer to fill
   * @returns the bytes; with a buffer, the number of bytes received
   * @throws {RangeError} once the socket is closed or unwrapped
   */
  read(len?: number): Operation<Buffer>
  read(len: number | undefined, buffer: BufferLike): Operation<number>
  read(len = 1024, buffer?: BufferLike): Operation<Buffer> | Operation<number> {
    if (this.description === null) throw new RangeError('Read on closed or unwrapped SSL socket')
    if (buffer === undefined) return this.recv(len)
    return this.recvInto(buffer, len < 0 ? undefined : Math.min(len, buffer.byteLength))
  }

  /** Sends bytes and returns how many were sent (Python: SSLSocket.write); the same as `send`. */
  write(data: BytesLike): Operation<number> {
    if (this.description === null) throw new RangeError('Write on closed or unwrapped SSL socket')
    return this.send(data)
  }

  /** Not supported over TLS, which has no addresses: use `recv`. */
  override recvfrom(): never {
    throw notAllowed('recvfrom')
  }

  /** Not supported over TLS, which has no addresses: use `recvInto`. */
  override recvfromInto(): never {
    throw notAllowed('recvfromInto')
  }

  /** Not supported over TLS, which has no addresses: use `sendall`. */
  override sendto(): never {
    throw notAllowed('sendto')
  }

  /** @internal */
  afterHandshake<T>(call: Operation<T>, limit: TimeLimit, startsHandshake = true): Operation<T> {
    return this.secure === null ? new Call(callSecurely<T>, [this, call, limit, startsHandshake]) : call
  }

  /** @internal */
  wouldBlock(direction: 'read' | 'write'): Error {
    return direction === 'read' ? new SSLWantReadError() : new SSLWantWriteError()
  }

  /** @internal */
  override connected(code: 'ENOTCONN' | 'EPIPE'): Transport {
    if (this.handshake === null) {
      super.connected(code)
      throw handshakeNeeded()
    }
    const description = this.streamOf()
    if (this.handshake.secure === null && description.attempt !== null) throw new SSLWantReadError()
    description.handshakeUnreported = false
    return super.connected(code)
  }

  /**
   * Ends TLS in both directions (Python: unwrap): sends the end of the stream, then reads until the peer has sent its own and discards
   * any bytes received meanwhile. Node cannot continue the connection without TLS, so it is closed as well.
   *
   * @param options `timeout`: milliseconds
   */
  unwrap(options?: CallOptions): Operation<undefined> {
    return new Call(endSecurely, [this, options])
  }

  /** The number of bytes that can be received without waiting: 0 before the handshake and once the socket is closed. */
  pending(): number {
    return this.secure === null || this.description === null ? 0 : this.connected('ENOTCONN').inbox.length
  }

  /** The negotiated version, such as 'TLSv1.3'; `undefined` before the handshake. */
  version(): string | undefined {
    return this.secure?.getProtocol() ?? undefined
  }

  /** The negotiated cipher: its name, the TLS version and the key size in bits; `undefined` before the handshake. */
  cipher(): [name: string, version: string, bits: number] | undefined {
    const { secure } = this
    if (secure === null) return undefined
    const { name, version }: CipherNameAndProtocol = secure.getCipher()
    return [name, secure.getProtocol() ?? version, name.includes('128') ? 128 : 256]
  }

  /** The negotiated application protocol, or `undefined`. */
  selectedAlpnProtocol(): string | undefined {
    const protocol = this.secure?.alpnProtocol
    return typeof protocol === 'string' ? protocol : undefined
  }

  /**
   * Returns the peer's certificate, as Node's object or as DER (Python: getpeercert); `undefined` if the peer has sent none.
   *
   * @param binaryForm whether to return DER. Default false
   * @throws {OSError} ENOTCONN without a connection; {RangeError} before the handshake
   */
  getpeercert(): DetailedPeerCertificate | undefined
  getpeercert(binaryForm: true): Buffer | undefined
  getpeercert(binaryForm: boolean): DetailedPeerCertificate | Buffer | undefined
  getpeercert(binaryForm = false): DetailedPeerCertificate | Buffer | undefined {
    if (this.secure === null) {
      super.connected('ENOTCONN')
      throw new RangeError('handshake not done yet')
    }
    const certificate = this.secure.getPeerCertificate(true)
    if (certificate === null || Object.keys(certificate).length === 0) return this.resumedCertificate(binaryForm)
    return binaryForm ? certificate.raw : certificate
  }

  /** The server's certificate if the session was resumed: Node then gives none. */
  private resumedCertificate(binaryForm: boolean): DetailedPeerCertificate | Buffer | undefined {
    const { session } = this
    const raw = session === undefined || this.serverSide ? undefined : certificateIn(session)
    if (raw === undefined || binaryForm) return raw
    return certificateOf(raw).toLegacyObject() as DetailedPeerCertificate
  }

  /**
   * The session to pass to `wrapSocket({ session })` so that a later connection resumes it. With TLS 1.3 it arrives with the first
   * bytes.
   */
  get session(): Buffer | undefined {
    return this.secure?.getSession()
  }

  /** Whether an earlier session was resumed; `undefined` before the handshake. */
  get sessionReused(): boolean | undefined {
    return this.secure?.isSessionReused()
  }

  /**
   * Like `Socket.dup`.
   *
   * @throws {SSLError} before the handshake, unless the socket listens: what the copy sent would not be encrypted
   */
  override dup(): SSLSocket {
    const description = this.streamOf()
    if (this.secure === null && !description.isListening) throw handshakeNeeded()
    description.share()
    const copy = new SSLSocket(description, this.options)
    copy.context = this.context
    copy.handshake = this.handshake
    copy.settimeout(this.gettimeout())
    return copy
  }

  /** @internal */
  protected get secure(): TLSSocket | null {
    return this.handshake?.secure ?? null
  }
}

function handshakeNeeded(): SSLError {
  return new SSLError('HANDSHAKE_NEEDED', 'no handshake was made: yield* doHandshake() first')
}

/** An `SSLSocket` of AF_INET or AF_INET6, typed so that its addresses are `[host, port]`. At run time its class is `SSLSocket`. */
export interface InetSSLSocket extends SSLSocket {
  accept(options?: CallOptions): Operation<[InetSSLSocket, InetAddress]>
  getsockname(): InetAddress
  getpeername(): InetAddress
  dup(): InetSSLSocket
}
