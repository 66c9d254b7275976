import { show } from '@greenlit/core/engine'
import { SerializationError } from '../errors/process-error.ts'
import { whereIn } from './culprit.ts'
import { bareError } from './errors.ts'
import { Transfer, type Transferable } from './extras.ts'
import { type Holed, HoleFiller, HoleMaker, needsHoles, recallHoles } from './holes.ts'
import { fromText, textOf } from './plain-text.ts'
import { readBytes, readFlag, writeBytes } from './serializer.ts'

/** A small value as text. */
export interface TextPayload {
  readonly text: string
  readonly bytes?: undefined
  readonly extras?: undefined
  readonly transfers?: undefined
  readonly recall?: undefined
}

/** A value as bytes, and what cannot be made into bytes. */
export interface BytesPayload {
  readonly bytes: Uint8Array
  readonly text?: undefined
  /** What goes beside the bytes: memory shared with, or handed over to, another thread of this process. */
  readonly extras?: readonly unknown[]
  /** Those of `extras` that are handed over. */
  readonly transfers?: readonly Transferable[]
  /** If nobody gets it, lets go of what it shares, unless that has arrived. One that goes to a process that is known has none. */
  readonly recall?: () => void
}

/** A value as it is sent. */
export type Payload = TextPayload | BytesPayload

/** How much room a payload takes. */
export function sizeOf(payload: Payload): number {
  return payload.bytes === undefined ? payload.text.length : payload.bytes.length
}

const NOTHING: readonly never[] = []
const PLAIN = 0
const HOLED = 1

/**
 * Marks what is handed over to another thread instead of copied, wherever it stands in what is sent. It is empty here after that.
 * Between processes nothing can be handed over.
 *
 * @param value what is sent
 * @param transfers the buffers and ports in it that are handed over
 * @throws {TypeError} at once, for transfers that are none
 * @example
 * yield* pool.apply(target, [transfer(pixels, [pixels.buffer])])
 */
export function transfer<T>(value: T, transfers: readonly Transferable[]): T {
  const given: unknown = transfers
  if (!Array.isArray(given) || given.some((one) => typeof one !== 'object' || one === null))
    throw new TypeError(`Expected \`transfers\` to be an array of buffers and ports, got ${show(given)}`)
  return new Transfer(value, transfers) as unknown as T
}

/**
 * Makes a value into bytes, as it is now.
 *
 * @param value what is sent
 * @param destination the process that it goes to, if that is known
 * @throws {SerializationError} for what cannot be sent, such as a function
 */
export function encode(value: unknown, destination?: string): BytesPayload {
  let maker: HoleMaker | undefined
  try {
    if (!needsHoles(value)) return { bytes: writeBytes(PLAIN, value) }
    maker = new HoleMaker(destination)
    const holed: Holed = { value: maker.copy(value), holes: maker.holes }
    const bytes = writeBytes(HOLED, holed)
    const { beside } = maker
    const recall = destination === undefined && maker.isRecallable ? { recall: maker.recall.bind(maker) } : undefined
    return beside.length === 0 ? { bytes, ...recall } : { bytes, extras: beside, transfers: maker.transfers, ...recall }
  } catch (error) {
    maker?.recall()
    throw unsendable(error, value)
  }
}

function unsendable(error: unknown, value: unknown): SerializationError {
  const message = `Expected a value that can be sent: ${(error as Error).message}${whereIn(value)}`
  return new SerializationError(message, { cause: error })
}

/** As `encode`, but makes small plain values into text, which is faster. */
export function pack(value: unknown, destination?: string): Payload {
  let text: string | undefined
  try {
    text = textOf(value)
  } catch (error) {
    throw unsendable(error, value)
  }
  return text === undefined ? encode(value, destination) : { text }
}

/** Makes the value again. */
export function decode(payload: Payload): unknown {
  if (payload.bytes === undefined) return fromText(payload.text)
  const { flag, value } = readBytes(payload.bytes)
  if (flag === PLAIN) return value
  const holed = value as Holed
  return new HoleFiller(holed.holes, payload.extras ?? NOTHING).fill(holed.value)
}

/** Lets go of what a payload shares, wherever it was made, as nobody gets it. */
export function recall(payload: Payload): void {
  if (payload.bytes === undefined || readFlag(payload.bytes) === PLAIN) return
  recallHoles((readBytes(payload.bytes).value as Holed).holes)
}

/** Throws if a part of it goes beside its bytes: to another process nothing can. */
export function checkIsBytes(payload: Payload | undefined): void {
  if (payload?.extras !== undefined)
    throw new SerializationError(
      "Expected a value that can go to another process: shared and handed-over memory can only go to threads, with `context: 'thread'`",
    )
}

/** Makes an error into bytes, wherever they go; what cannot be sent of it is left out. */
export function encodeError(error: unknown): BytesPayload {
  try {
    const payload = encode(error)
    checkIsBytes(payload)
    return payload
  } catch {
    return encode(bareError(error))
  }
}
