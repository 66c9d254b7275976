/**
 * Python's `concurrent.futures`, implemented with this package's threads and processes.
 *
 * @module
 */

export {
  BrokenExecutor,
  BrokenProcessPool,
  BrokenThreadPool,
  CancelledError,
  InvalidStateError,
  RuntimeError,
} from './errors/future-error.ts'
export { TimeoutError } from './errors/process-error.ts'
export { asCompleted } from './futures/as-completed.ts'
export { Executor, type ExecutorOptions } from './futures/executor.ts'
export { Future } from './futures/future.ts'
export { ProcessPoolExecutor, type ProcessPoolExecutorOptions } from './futures/process-pool-executor.ts'
export { ThreadPoolExecutor, type ThreadPoolExecutorOptions } from './futures/thread-pool-executor.ts'
export type { ArgumentsOf, MapArguments, MapOptions, ResultOf, ShutdownOptions } from './futures/types.ts'
export {
  ALL_COMPLETED,
  type DoneAndNotDoneFutures,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type ReturnWhen,
  wait,
} from './futures/wait.ts'
