import { branded } from '@greenlit/core/engine'

/** The base class of the errors of multiprocessing (Python: multiprocessing.ProcessError). */
export class ProcessError extends /* @__PURE__ */ branded('ProcessError') {
  readonly code: string = 'PROCESS_ERROR'
}

/**
 * A call's own timeout has expired (Python: multiprocessing.TimeoutError). Unlike `Timeout` it is an ordinary error, which
 * `attempt` catches.
 */
export class TimeoutError extends /* @__PURE__ */ branded('TimeoutError', ProcessError) {
  override readonly code: string = 'TIMEOUT_ERROR'
}

/** Nothing is left to read and the other end is closed (Python: EOFError). */
export class EOFError extends /* @__PURE__ */ branded('EOFError') {
  readonly code: string = 'EOF'
}

/**
 * A process ended while it still had work to do or a request to answer (concurrent.futures: BrokenProcessPool; billiard:
 * WorkerLostError).
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

/** A value cannot be sent to another process (Python: pickle.PicklingError). */
export class SerializationError extends /* @__PURE__ */ branded('SerializationError', ProcessError) {
  override readonly code: string = 'SERIALIZATION'
}

/** A message does not fit into the buffer it was to be received into (Python: multiprocessing.BufferTooShort). */
export class BufferTooShort extends /* @__PURE__ */ branded('BufferTooShort', RangeError, ['ProcessError']) {
  readonly code: string = 'BUFFER_TOO_SHORT'
  /** The message. */
  readonly bytes: Buffer

  constructor(message: string, bytes: Uint8Array) {
    super(message)
    this.bytes = Buffer.from(bytes)
  }
}
