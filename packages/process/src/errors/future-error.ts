import { branded } from '@greenlit/core/engine'

/**
 * The future was cancelled before its call started, so it has no result (concurrent.futures: CancelledError).
 *
 * @example
 * const result = yield* attempt(future.result())
 * if (!result.ok && result.error instanceof CancelledError) console.log('cancelled before it began')
 */
export class CancelledError extends /* @__PURE__ */ branded('CancelledError') {
  readonly code: string = 'CANCELLED'
}

/**
 * A result or error was set on a future that is already done (concurrent.futures: InvalidStateError).
 *
 * @example
 * const settled = new Future<number>()
 * settled.setResult(1)
 * settled.setResult(2) // throws
 */
export class InvalidStateError extends /* @__PURE__ */ branded('InvalidStateError') {
  readonly code: string = 'INVALID_STATE'
}

/**
 * The object is in the wrong state for the call, such as `submit` on an executor that was shut down (Python: RuntimeError).
 *
 * @example
 * yield* executor.shutdown()
 * executor.submit(target) // throws
 */
export class RuntimeError extends /* @__PURE__ */ branded('RuntimeError') {
  readonly code: string = 'RUNTIME_ERROR'
}

/**
 * The executor is broken and accepts no more work (concurrent.futures: BrokenExecutor).
 *
 * @example
 * const result = yield* attempt(future.result())
 * if (!result.ok && result.error instanceof BrokenExecutor) console.log('a new executor is needed')
 */
export class BrokenExecutor extends /* @__PURE__ */ branded('BrokenExecutor', RuntimeError) {
  override readonly code: string = 'BROKEN_EXECUTOR'
}

/**
 * The executor's threads cannot start because their initializer failed (concurrent.futures.thread: BrokenThreadPool).
 *
 * @example
 * const result = yield* attempt(future.result())
 * if (!result.ok && result.error instanceof BrokenThreadPool) console.log('the initializer failed')
 */
export class BrokenThreadPool extends /* @__PURE__ */ branded('BrokenThreadPool', BrokenExecutor) {
  override readonly code: string = 'BROKEN_THREAD_POOL'
}

/**
 * One of the executor's processes died, or its processes cannot start (concurrent.futures.process: BrokenProcessPool).
 *
 * @example
 * const result = yield* attempt(future.result())
 * if (!result.ok && result.error instanceof BrokenProcessPool) console.log('a process died')
 */
export class BrokenProcessPool extends /* @__PURE__ */ branded('BrokenProcessPool', BrokenExecutor) {
  override readonly code: string = 'BROKEN_PROCESS_POOL'
}
