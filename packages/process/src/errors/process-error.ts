import { alsoKnownAs, branded } from '@greenlit/core/engine'

/**
 * The base class of the errors of multiprocessing (Python: multiprocessing.ProcessError).
 *
 * @example
 * const result = yield* attempt(pool.apply(target, ['a']))
 * if (!result.ok && result.error instanceof ProcessError) console.log('not an error of its own')
 */
export class ProcessError extends /* @__PURE__ */ branded('ProcessError') {
  readonly code: string = 'PROCESS_ERROR'
}

/**
 * A call's own timeout has expired (Python: multiprocessing.TimeoutError). Unlike `Timeout` it is an ordinary error, which
 * `attempt` catches.
 *
 * @example
 * const value = yield* attempt(result.get({ timeout: 1_000 }))
 * if (!value.ok && value.error instanceof TimeoutError) console.log('not yet')
 */
export class TimeoutError extends /* @__PURE__ */ branded('TimeoutError', ProcessError) {
  override readonly code: string = 'TIMEOUT_ERROR'
}

/**
 * Nothing is left to read and the other end is closed (Python: EOFError).
 *
 * @example
 * const received = yield* attempt(first.recv())
 * if (!received.ok && received.error instanceof EOFError) console.log('the other end is closed')
 */
export class EOFError extends /* @__PURE__ */ branded('EOFError') {
  readonly code: string = 'EOF'
}

/**
 * A process ended while it still had work to do or a request to answer (concurrent.futures: BrokenProcessPool; billiard:
 * WorkerLostError).
 *
 * @example
 * const result = yield* attempt(pool.apply(target, ['a']))
 * if (!result.ok && result.error instanceof ProcessDiedError) console.log(result.error.message)
 */
export class ProcessDiedError extends /* @__PURE__ */ branded('ProcessDiedError', ProcessError) {
  override readonly code: string = 'PROCESS_DIED'
  /** Its exit code, or minus the signal number; `undefined` if that is not known. */
  readonly exitcode: number | undefined

  constructor(message: string, exitcode?: number, options?: ErrorOptions) {
    super(message, options)
    this.exitcode = exitcode
  }
}

/** The error of a call to a shared object whose owning process is gone. */
export function ownerGone(node: string): ProcessDiedError {
  return new ProcessDiedError(`The process that owns it is gone (${node})`)
}

/**
 * A value cannot be sent to another process (Python: pickle.PicklingError).
 *
 * @example
 * const put = yield* attempt(queue.put(() => 1))
 * if (!put.ok && put.error instanceof SerializationError) console.log(put.error.message)
 */
export class SerializationError extends /* @__PURE__ */ branded('SerializationError', ProcessError) {
  override readonly code: string = 'SERIALIZATION'
}

/**
 * A message does not fit into the buffer it was to be received into (Python: multiprocessing.BufferTooShort).
 *
 * @example
 * const received = yield* attempt(first.recvBytesInto(new Uint8Array(4)))
 * if (!received.ok && received.error instanceof BufferTooShort) console.log('the message has more than 4 bytes')
 */
export class BufferTooShort extends /* @__PURE__ */ alsoKnownAs(
  /* @__PURE__ */ branded('BufferTooShort', RangeError),
  'ProcessError',
) {
  readonly code: string = 'BUFFER_TOO_SHORT'
  /** The message. */
  readonly bytes: Buffer

  constructor(message: string, bytes: Uint8Array) {
    super(message)
    this.bytes = Buffer.from(bytes)
  }
}
