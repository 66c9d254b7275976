import { show } from '@greenlit/core/engine'
import { tryString, UNSHOWABLE } from '../codec/errors.ts'
import { checkIsBytes, decode, encode, encodeError, type Payload, pack, recall } from '../codec/payload.ts'
import { MaybeEncodingError, RemoteTraceback } from '../errors/pool-error.ts'
import { identity } from '../process/identity.ts'

/** The outcome of one call: whether it failed, and its result or error. */
export type Outcome = readonly [failed: boolean, value: unknown]

/** Encodes outcomes. One that cannot be sent fails alone. */
export function packOutcomes(outcomes: readonly Outcome[]): Payload {
  try {
    return packForParent(outcomes)
  } catch {
    return encode(outcomes.map((outcome) => sendable(outcome)))
  }
}

/** Encodes one result; `undefined` if it cannot be sent. */
export function packValue(value: unknown): Payload | undefined {
  try {
    return packForParent(value)
  } catch {
    return undefined
  }
}

function packForParent(value: unknown): Payload {
  const payload = pack(value)
  if (identity.context !== 'thread') checkIsBytes(payload)
  return payload
}

function sendable([failed, value]: Outcome): Outcome {
  try {
    packForParent(value)
    return [failed, value]
  } catch (error) {
    if (failed) return [true, decode(encodeError(value))]
    const reason = (error as Error).message.replace('a value', 'a result')
    return [
      true,
      new MaybeEncodingError(reason, String(error), tryString(() => show(value)) ?? UNSHOWABLE, { cause: error }),
    ]
  }
}

/**
 * Decodes the outcomes of a task: one for each call, or a single error if they cannot be read.
 *
 * @param isRemote whether to add to each error the stack that it had in the worker, as its cause
 */
export function readOutcomes(kind: unknown, payload: Payload, isRemote: boolean): readonly Outcome[] {
  try {
    if (kind === 'returned') return [[false, decode(payload)]]
    const outcomes = decode(payload) as readonly Outcome[]
    if (isRemote) for (const [failed, value] of outcomes) if (failed) attachStack(value)
    return outcomes
  } catch (error) {
    return [[true, error]]
  }
}

/** Discards the outcomes of a dropped task, and recalls the pipe ends in them. */
export function dropOutcomes(payload: Payload): readonly Outcome[] {
  recall(payload)
  return []
}

function attachStack(error: unknown): void {
  if (!(error instanceof Error) || error.cause !== undefined) return
  const cause = new RemoteTraceback(error.stack)
  Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true })
}
