import type { ClientRequest } from 'node:http'
import { attempt, coroutine, fromCallback, type Operation } from '@greenlit/core'
import type { EngineResponse, Limits, PieceSource } from './engine.ts'
import type { Exchange } from './node-exchange.ts'

/**
 * Writes a body piece by piece as it comes and as the connection takes it, then waits for the answer. An answer that comes
 * early ends the upload; a failing source breaks the request off.
 */
export const uploadPieces: (exchange: Exchange, pieces: PieceSource, limits: Limits) => Operation<EngineResponse> =
  coroutine(function* (exchange: Exchange, pieces: PieceSource, _limits: Limits) {
    const message = exchange.begin()
    try {
      const written = yield* attempt(writeAll(message, pieces))
      if (!written.ok && !message.destroyed) {
        message.destroy()
        throw written.error
      }
      return yield* exchange
    } catch (error) {
      message.destroy()
      throw error
    } finally {
      pieces.close()
    }
  })

function* writeAll(message: ClientRequest, pieces: PieceSource) {
  for (;;) {
    const piece = yield* pieces.next()
    if (piece === undefined) break
    if (message.destroyed) return
    if (!message.write(piece)) yield* drained(message)
  }
  message.end()
}

function drained(message: ClientRequest): Operation<void> {
  return fromCallback<void>((resume) => {
    const done = () => resume()
    message.on('drain', done)
    message.on('close', done)
    return () => {
      message.off('drain', done)
      message.off('close', done)
    }
  })
}
