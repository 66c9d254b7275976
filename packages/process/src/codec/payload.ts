import { show } from '@greenlit/core/engine'
import { SerializationError } from '../errors/process-error.ts'
import { bareError } from './errors.ts'
import { Transfer, type Transferable } from './extras.ts'
import {
  movePlaceholders,
  needsPlaceholders,
  PlaceholderMaker,
  PlaceholderResolver,
  recallPlaceholders,
  type WithPlaceholders,
} from './placeholders.ts'
import { fromText, textOf } from './plain-text.ts'
import { readBytes, readFlag, writeBytes, writeFlag } from './serializer.ts'
import { describeUnsendablePart } from './unsendable-part.ts'

/** A small value, encoded as text. */
export interface TextPayload {
  readonly text: string
  readonly bytes?: undefined
  readonly extras?: undefined
  readonly transfers?: undefined
  readonly recall?: undefined
}

/** A value encoded as bytes, with the parts that cannot be expressed as bytes. */
export interface BytesPayload {
  readonly bytes: Uint8Array
  readonly text?: undefined
  /** The parts sent out of band: memory shared with, or transferred to, another thread of this process. */
  readonly extras?: readonly unknown[]
  /** Those of `extras` that are transferred. */
  readonly transfers?: readonly Transferable[]
  /**
   * Releases the shared objects in it if it will never be received; those that have arrived are not affected. Present only if the
   * value has any and its destination is unknown.
   */
  readonly recall?: () => void
}

/** An encoded value. */
export type Payload = TextPayload | BytesPayload

/** The approximate size of a payload, in bytes. */
export function sizeOf(payload: Payload): number {
  return payload.bytes === undefined ? payload.text.length : payload.bytes.length
}

const NOTHING: readonly never[] = []
const PLAIN = 0
const WITH_PLACEHOLDERS = 1
/** It has shared objects that must be released if it is never received. */
const RECALLABLE = 2
const RAW = 3
let rawHeader: Uint8Array | undefined

/**
 * Marks buffers and ports that are to be transferred to another thread instead of copied, anywhere in a value that is sent. They
 * are unusable here afterwards. Nothing can be transferred between processes.
 *
 * @param value the value to be sent
 * @param transfers the buffers and ports in it that are transferred. Default: the value itself, or the buffer that it is a view of
 * @throws {TypeError} at once, if `transfers` is not an array of objects
 * @example
 * const pool = new ThreadPool(2)
 * yield* pool.apply(target, [transfer(pixels), transfer({ left, right }, [left.buffer, right.buffer])])
 */
export function transfer<T>(value: T, transfers: readonly Transferable[] | undefined = ownTransfers(value)): T {
  const given: unknown = transfers
  if (!Array.isArray(given) || given.some((one) => typeof one !== 'object' || one === null))
    throw new TypeError(`Expected \`transfers\` to be an array of buffers and ports, got ${show(given)}`)
  return new Transfer(value, given) as unknown as T
}

function ownTransfers(value: unknown): Transferable[] | undefined {
  const own: unknown = ArrayBuffer.isView(value) ? value.buffer : value
  return own instanceof ArrayBuffer || own instanceof MessagePort ? [own as Transferable] : undefined
}

/**
 * Encodes a value, as it is now, as bytes.
 *
 * @param value the value to encode
 * @param destination the process that it is sent to, if known
 * @param carrier otherwise, the process that keeps it until it is received, if known
 * @throws {SerializationError} for a value that cannot be sent, such as a function
 */
export function encode(value: unknown, destination?: string, carrier?: string): BytesPayload {
  let maker: PlaceholderMaker | undefined
  try {
    if (!needsPlaceholders(value)) return { bytes: writeBytes(PLAIN, value) }
    maker = new PlaceholderMaker(destination, carrier)
    const encoded: WithPlaceholders = { value: maker.copy(value), placeholders: maker.placeholders }
    const isRecallable = destination === undefined && maker.isRecallable
    const bytes = writeBytes(isRecallable ? RECALLABLE : WITH_PLACEHOLDERS, encoded)
    const { outOfBand } = maker
    const recall = isRecallable ? { recall: maker.recall.bind(maker) } : undefined
    return outOfBand.length === 0
      ? { bytes, ...recall }
      : { bytes, extras: outOfBand, transfers: maker.transfers, ...recall }
  } catch (error) {
    maker?.recall()
    throw unsendable(error, value)
  }
}

function unsendable(error: unknown, value: unknown): SerializationError {
  const message = `Expected a value that can be sent: ${(error as Error).message}${describeUnsendablePart(value)}`
  return new SerializationError(message, { cause: error })
}

/** Like `encode`, but encodes small plain values as text, which is faster. */
export function pack(value: unknown, destination?: string, carrier?: string): Payload {
  let text: string | undefined
  try {
    text = textOf(value)
  } catch (error) {
    throw unsendable(error, value)
  }
  return text === undefined ? encode(value, destination, carrier) : { text }
}

/** Makes a payload of bytes, as they are now, which are received as they are. */
export function packRaw(bytes: Uint8Array): BytesPayload {
  const header = headerOfRaw()
  const all = new Uint8Array(header.length + bytes.length)
  all.set(header)
  all.set(bytes, header.length)
  return { bytes: all }
}

/** Returns the bytes given to `packRaw`. */
export function rawBytes(payload: Payload): Uint8Array {
  return (payload as BytesPayload).bytes.subarray(headerOfRaw().length)
}

/** What precedes bytes that are received as they were sent. Not written at the start: importing the package must work in Bun. */
function headerOfRaw(): Uint8Array {
  rawHeader ??= writeFlag(RAW)
  return rawHeader
}

/** Decodes a payload. */
export function decode(payload: Payload): unknown {
  if (payload.bytes === undefined) return fromText(payload.text)
  const { flag, value } = readBytes(payload.bytes)
  if (flag === PLAIN) return value
  const encoded = value as WithPlaceholders
  return new PlaceholderResolver(encoded.placeholders, payload.extras ?? NOTHING).fill(encoded.value)
}

/** Releases the shared objects in a payload that will never be received, in whichever process it was made. */
export function recall(payload: Payload): void {
  if (isRecallable(payload)) recallPlaceholders((readBytes(payload.bytes).value as WithPlaceholders).placeholders)
}

/** Notifies the owners of the shared objects in a payload that another process has got it, which may die before it is received. */
export function moved(payload: Payload, carrier: string): void {
  if (isRecallable(payload))
    movePlaceholders((readBytes(payload.bytes).value as WithPlaceholders).placeholders, carrier)
}

function isRecallable(payload: Payload): payload is BytesPayload {
  return payload.bytes !== undefined && readFlag(payload.bytes) === RECALLABLE
}

/** Throws if a part of the payload is sent out of band, which is impossible between processes. */
export function checkIsBytes(payload: Payload | undefined): void {
  if (payload?.extras !== undefined)
    throw new SerializationError(
      "Expected a value that can go to another process: shared and handed-over memory can only go to threads, with `context: 'thread'`",
    )
}

/** Encodes an error for any destination; properties that cannot be sent are left out. */
export function encodeError(error: unknown): BytesPayload {
  try {
    const payload = encode(error)
    checkIsBytes(payload)
    return payload
  } catch {
    return encode(bareError(error))
  }
}
