import type { LookupFunction } from 'node:net'
import type { Operation } from '@greenlit/core'
import type { Framing } from './framing.ts'

/** How fast a body must come: so many bytes in every span of so many milliseconds. */
export interface Rate {
  readonly bytes: number
  readonly per: number
}

/** How long each step may take, as times of the hub's clock. */
export interface Limits {
  /** Milliseconds for a connection to be made, name look-up and TLS included. */
  readonly connect: number | undefined
  /** Milliseconds without a byte from the server. */
  readonly read: number | undefined
  /** When the whole exchange must be over. */
  readonly deadline: number | undefined
  /** How fast the body must come at least. */
  readonly minRate: Rate | undefined
}

/** How the server's certificate is checked, and what is shown to it. Connections are shared by those with the same object only. */
export interface TlsSettings {
  /** `false` accepts any certificate. */
  readonly rejectUnauthorized: boolean
  /** Certificates of authorities to trust instead of the platform's. */
  readonly ca?: string | Uint8Array
  readonly cert?: string | Uint8Array
  readonly key?: string | Uint8Array
}

/** A proxy to go through. */
export interface ProxySettings {
  readonly url: URL
  /** The value of `Proxy-Authorization`, if the proxy wants one. */
  readonly authorization: string | undefined
}

/** A request body: bytes that are there, or pieces that come. */
export type EngineBody = Uint8Array | PiecedBody

/** A body that comes piece by piece; each call of `pieces` starts over. */
export interface PiecedBody {
  readonly pieces: () => PieceSource
  readonly length: number | undefined
}

/** Gives the pieces of a body one by one; `undefined` ends it. */
export interface PieceSource {
  next(): Operation<Uint8Array | undefined>
  close(): void
}

/** One exchange on the wire: everything is prepared, nothing is followed or decoded. */
export interface EngineRequest {
  readonly method: string
  /** Scheme, host and port to connect to. */
  readonly url: URL
  /** Path and query as they go on the wire. */
  readonly target: string
  /** Names and values in turn, in the order and case in which they go out; Host and the length of the body are among them. */
  readonly headers: readonly string[]
  readonly body: EngineBody | undefined
  readonly limits: Limits
  readonly tls: TlsSettings | undefined
  readonly proxy: ProxySettings | undefined
  /** Resolves names, and so decides which addresses may be connected to. */
  readonly lookup: LookupFunction | undefined
}

/** The head of a response, with its body still to come. */
export interface EngineResponse {
  readonly statusCode: number
  readonly reason: string
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[]
  /** @internal What `framingOf` finds in the headers, from an engine that can tell without making text of them all. */
  readonly framing?: Framing
  readonly body: ResponseStream
}

/** The bytes of a response as they come off the wire, framing removed, codings not. */
export interface ResponseStream {
  /** All of it, if it is there already and none was taken; fails beyond `most` bytes. */
  whole(most: number): Uint8Array | undefined
  /** All that is left, in one piece; fails beyond `most` bytes. */
  readAll(limits: Limits, most: number): Operation<Uint8Array>
  /** The next piece; `undefined` at the end. */
  read(limits: Limits): Operation<Uint8Array | undefined>
  /** Gives the connection back: reads to the end if little is left, closes it otherwise. */
  discard(): void
  /** Closes the connection, unless the end was read. */
  destroy(): void
}

/** What carries requests: the default is Node's own client, `undiciEngine` is another. It must not be observable which. */
export interface Engine {
  /**
   * Sends a request and waits for the head of the response. A kill or timeout closes the connection.
   *
   * @throws the errors of `RequestException` that name what failed
   */
  send(request: EngineRequest): Operation<EngineResponse>
  /** Closes idle connections; those in use end with their response. */
  close(): void
}

/** The longest header block that is read, in bytes; more is an error, never buffered without bound. */
export const LONGEST_HEADERS: number = 64 * 1024
/** How many idle connections to one host are kept. */
export const MOST_IDLE = 64
