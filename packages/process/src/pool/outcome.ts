import { checkIsBytes, decode, encode, encodeError, type Payload, pack } from '../codec/payload.ts'
import { MaybeEncodingError, RemoteTraceback } from '../errors/pool-error.ts'
import { identity } from '../process/identity.ts'

/** How one call went: whether it failed, and what it gave or threw. */
export type Outcome = readonly [failed: boolean, value: unknown]

/** Makes outcomes into what is sent. One that cannot be sent fails alone. */
export function packOutcomes(outcomes: readonly Outcome[]): Payload {
  try {
    return packForParent(outcomes)
  } catch {
    return encode(outcomes.map((outcome) => sendable(outcome)))
  }
}

/** Makes one value into what is sent; `undefined` if it cannot be sent. */
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
    return [
      true,
      new MaybeEncodingError(`Expected a result that can be sent: ${(error as Error).message}`, { cause: error }),
    ]
  }
}

/** Makes the outcomes again; errors get to know where they come from. */
export function decodeOutcomes(payload: Payload): readonly Outcome[] {
  const outcomes = decode(payload) as readonly Outcome[]
  for (const [failed, value] of outcomes) if (failed) attachStack(value)
  return outcomes
}

function attachStack(error: unknown): void {
  if (!(error instanceof Error) || error.cause !== undefined) return
  const cause = new RemoteTraceback(error.stack)
  Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true })
}
