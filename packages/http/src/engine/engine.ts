import type { LookupFunction } from 'node:net'
import type { Operation } from '@greenlit/core'
import type { Framing } from './framing.ts'

/** The slowest rate allowed for a body: `bytes` in every span of `per` milliseconds. */
export interface Rate {
  readonly bytes: number
  readonly per: number
}

/** The time limits of an exchange, in milliseconds; `deadline` is a time of the hub's clock. */
export interface Limits {
  /** For making a connection, name look-up and TLS handshake included. */
  readonly connect: number | undefined
  /** Without a byte from the server. */
  readonly read: number | undefined
  /** When the whole exchange must have ended. */
  readonly deadline: number | undefined
  /** The slowest rate allowed for the response body. */
  readonly minRate: Rate | undefined
}

/** How the server's certificate is verified, and the client's own. Connections are shared only by requests with the same object. */
export interface TlsSettings {
  /** `false` accepts any certificate. */
  readonly rejectUnauthorized: boolean
  /** Certificate authorities to trust instead of the platform's. */
  readonly ca?: string | Uint8Array
  readonly cert?: string | Uint8Array
  readonly key?: string | Uint8Array
}

/** A proxy, with its credentials. */
export interface ProxySettings {
  readonly url: URL
  /** The value of the `Proxy-Authorization` header, if the proxy requires one. */
  readonly authorization: string | undefined
}

/** A request body: bytes in memory, or pieces that are produced as they are sent. */
export type EngineBody = Uint8Array | PiecedBody

/** A body produced piece by piece; each call of `pieces` starts from the beginning. */
export interface PiecedBody {
  readonly pieces: () => PieceSource
  readonly length: number | undefined
}

/** Returns the pieces of a body one by one; `undefined` ends it. */
export interface PieceSource {
  next(): Operation<Uint8Array | undefined>
  /** Ends the source early; returns an operation that waits until it has released what it holds. */
  close(): Operation<unknown>
}

/** One exchange on the wire: the request is fully prepared; redirects are not followed, nor bodies decoded. */
export interface EngineRequest {
  readonly method: string
  /** Scheme, host and port to connect to. */
  readonly url: URL
  /** Path and query as sent in the request line. */
  readonly target: string
  /** Alternating names and values, in the order and case in which they are sent, including Host and the framing of the body. */
  readonly headers: readonly string[]
  readonly body: EngineBody | undefined
  readonly limits: Limits
  readonly tls: TlsSettings | undefined
  readonly proxy: ProxySettings | undefined
  /** Resolves names, and so decides which addresses are connected to. */
  readonly lookup: LookupFunction | undefined
}

/** The head of a response, whose body is still to be read. */
export interface EngineResponse {
  readonly statusCode: number
  readonly reason: string
  /** Alternating names and values, as received. */
  readonly rawHeaders: readonly string[]
  /** @internal The result of `framingOf`, from engines that find it without decoding all headers to strings. */
  readonly framing?: Framing
  readonly body: ResponseStream
}

/** The body of a response as received: transfer framing removed, content codings not. */
export interface ResponseStream {
  /** The whole body, if all of it was received and none taken; `undefined` otherwise. Fails beyond `maxBytes`. */
  whole(maxBytes: number): Uint8Array | undefined
  /** Waits for the rest of the body, as one piece. Fails beyond `maxBytes`. */
  readAll(limits: Limits, maxBytes: number): Operation<Uint8Array>
  /** Waits for the next piece; `undefined` at the end. */
  read(limits: Limits): Operation<Uint8Array | undefined>
  /** Releases the connection: reads to the end if little is left, and closes the connection otherwise. */
  discard(): void
  /** Closes the connection, unless the body was received to its end. */
  destroy(): void
}

/** Sends requests: the default is Node's own client, `undiciEngine` is another. Callers must not notice which one is used. */
export interface Engine {
  /**
   * Sends a request and waits for the head of the response. A kill or timeout closes the connection.
   *
   * @throws the subclass of `RequestException` for what failed
   */
  send(request: EngineRequest): Operation<EngineResponse>
  /** Closes idle connections; connections in use are closed after their response. What it returns is not used. */
  close(): unknown
}

/** The largest header block accepted, in bytes; a larger one is an error, so that memory stays bounded. */
export const MAX_HEADER_SIZE: number = 64 * 1024
/** How many idle connections are kept for each host. */
export const MAX_IDLE = 64
