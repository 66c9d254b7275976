import { branded } from '@greenlit/core/engine'

/** What the failures of multiprocessing have in common (Python: multiprocessing.ProcessError). */
export class ProcessError extends /* @__PURE__ */ branded('ProcessError') {
  readonly code: string = 'PROCESS_ERROR'
}

/**
 * A call's own time is over (Python: multiprocessing.TimeoutError). It is an ordinary error that `attempt` catches, unlike a
 * `Timeout`.
 */
export class TimeoutError extends /* @__PURE__ */ branded('TimeoutError', ProcessError) {
  override readonly code: string = 'TIMEOUT_ERROR'
}

/** Nothing is left to read, and nobody is left to write (Python: EOFError). */
export class EOFError extends /* @__PURE__ */ branded('EOFError') {
  readonly code: string = 'EOF'
}

/** A process ended while it had work to do or something to answer (concurrent.futures: BrokenProcessPool; billiard: WorkerLostError). */
export class ProcessDiedError extends /* @__PURE__ */ branded('ProcessDiedError', ProcessError) {
  override readonly code: string = 'PROCESS_DIED'
  /** How it ended: its exit code, or minus the number of the signal; `undefined` if that is not known. */
  readonly exitcode: number | undefined

  constructor(message: string, exitcode?: number, options?: ErrorOptions) {
    super(message, options)
    this.exitcode = exitcode
  }
}

/** What a call of a shared object gets when the process that owns it is gone. */
export function ownerGone(node: string): ProcessDiedError {
  return new ProcessDiedError(`The process that owns it is gone (${node})`)
}

/** A value cannot go to another process (Python: pickle.PicklingError). */
export class SerializationError extends /* @__PURE__ */ branded('SerializationError', ProcessError) {
  override readonly code: string = 'SERIALIZATION'
}
