import { branded } from '@greenlit/core/engine'

/** A future was cancelled before it began, so that it has no result (concurrent.futures: CancelledError). */
export class CancelledError extends /* @__PURE__ */ branded('CancelledError') {
  readonly code: string = 'CANCELLED'
}

/** A future that has ended was to be given a result (concurrent.futures: InvalidStateError). */
export class InvalidStateError extends /* @__PURE__ */ branded('InvalidStateError') {
  readonly code: string = 'INVALID_STATE'
}

/** Something was asked at a wrong time, as more work of an executor that was shut down (Python: RuntimeError). */
export class RuntimeError extends /* @__PURE__ */ branded('RuntimeError') {
  readonly code: string = 'RUNTIME_ERROR'
}

/** An executor can do no more work (concurrent.futures: BrokenExecutor). */
export class BrokenExecutor extends /* @__PURE__ */ branded('BrokenExecutor', RuntimeError) {
  override readonly code: string = 'BROKEN_EXECUTOR'
}

/** The threads of an executor cannot start: their initializer failed (concurrent.futures.thread: BrokenThreadPool). */
export class BrokenThreadPool extends /* @__PURE__ */ branded('BrokenThreadPool', BrokenExecutor) {
  override readonly code: string = 'BROKEN_THREAD_POOL'
}

/** A process of an executor died, or its processes cannot start (concurrent.futures.process: BrokenProcessPool). */
export class BrokenProcessPool extends /* @__PURE__ */ branded('BrokenProcessPool', BrokenExecutor) {
  override readonly code: string = 'BROKEN_PROCESS_POOL'
}
