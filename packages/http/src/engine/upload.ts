import { coroutine, fromCallback, type Greenlet, GreenletExit, type Operation, shield, spawn } from '@greenlit/core'
import { ConnectionError } from '../errors/connection-error.ts'
import type { EngineResponse, PiecedBody, PieceSource } from './engine.ts'
import type { HeadWait } from './head-wait.ts'
import { IncomingBody } from './incoming-body.ts'

/** The destination of a body's pieces: a Node stream, or an object with the same methods. */
export interface BodySink {
  readonly destroyed: boolean
  /** Takes a piece; returns whether another may be written before `'drain'`. */
  write(piece: Uint8Array): boolean
  end(): unknown
  once(event: 'close', callback: () => void): unknown
  on(event: 'drain' | 'close', callback: () => void): unknown
  off(event: 'drain' | 'close', callback: () => void): unknown
}

/** An exchange whose body is written while its response is waited for. */
export interface UploadExchange extends HeadWait {
  /** The destination of the body, once the exchange has begun. */
  readonly message: BodySink | undefined
}

/** How long the `finally` blocks of a source may hold up the response, or the error, of an upload that they end, in milliseconds. */
const GRACE = { timeout: 1000 }

/**
 * Writes a body piece by piece, in a greenlet of its own, as fast as the source produces and the connection takes it, and waits for
 * the response.
 *
 * An error or kill of the source aborts the exchange, and the body of a response that has begun. An early response with an error
 * status ends the upload; after any other early response it continues while the response is read, until that ends. A body whose
 * length differs from the declared one aborts the exchange too: the server would wait for the rest, or take it for the next request.
 */
export const uploadPieces: (exchange: UploadExchange, body: PiecedBody) => Operation<EngineResponse> = coroutine(
  function* (exchange: UploadExchange, body: PiecedBody) {
    const pieces = body.pieces()
    exchange.begin()
    const sink = exchange.message!
    const uploadEnd = new GreenletExit('The upload is over')
    const writer: Greenlet<void> = spawn(write, exchange, sink, pieces, body.length, uploadEnd)
    let isEnding = false
    // Once only: a second kill would interrupt a `finally` block of the source.
    const endUpload = (): Operation<unknown> => {
      if (isEnding) return writer.join(GRACE)
      isEnding = true
      return writer.kill(uploadEnd, GRACE)
    }
    sink.once('close', endUpload)
    try {
      const response: EngineResponse = yield* exchange
      if (response.statusCode >= 400) yield* endUpload()
      return response
    } catch (error) {
      exchange.abort()
      yield* endUpload()
      throw error
    }
  },
)

/** @param uploadEnd the exit that ends the upload deliberately; anything else, a kill included, is an error of the source */
function* write(
  exchange: UploadExchange,
  sink: BodySink,
  pieces: PieceSource,
  length: number | undefined,
  uploadEnd: GreenletExit,
) {
  let sent = 0
  try {
    for (;;) {
      exchange.awaitsSource = true
      const piece = yield* pieces.next()
      exchange.awaitsSource = false
      exchange.progressed()
      if (sink.destroyed) return
      sent += piece?.length ?? 0
      if (length !== undefined && (piece === undefined ? sent < length : sent > length)) {
        throw new ConnectionError(`Expected a body of ${length} bytes, as declared, got ${piece ? 'more' : sent}`)
      }
      if (piece === undefined) break
      if (!sink.write(piece)) yield* waitForDrain(sink)
    }
    sink.end()
  } catch (error) {
    if (error === uploadEnd) throw error
    exchange.failed(error)
    const body = exchange.response?.body
    if (body instanceof IncomingBody) body.fail(error as Error)
    exchange.abort()
  } finally {
    // A kill that comes late must not have the response, or the error, overtake the source's `finally` blocks.
    yield* shield(pieces.close())
  }
}

function waitForDrain(sink: BodySink): Operation<void> {
  return fromCallback<void>((resume) => {
    const done = (): void => {
      sink.off('drain', done)
      sink.off('close', done)
      resume()
    }
    sink.on('drain', done)
    sink.on('close', done)
    return () => {
      sink.off('drain', done)
      sink.off('close', done)
    }
  })
}
