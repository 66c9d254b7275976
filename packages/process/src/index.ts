export type { Transferable } from './codec/extras.ts'
export { transfer } from './codec/payload.ts'
export { type Registration, registerClass } from './codec/registry.ts'
export { Connection, Pipe } from './connection/connection.ts'
export * as connection from './connection/module.ts'
export { BrokenPipeError, FileNotFoundError, OSError, PermissionError } from './errors/os-error.ts'
export { MaybeEncodingError, RemoteTraceback } from './errors/pool-error.ts'
export { EOFError, ProcessDiedError, ProcessError, SerializationError, TimeoutError } from './errors/process-error.ts'
export { CalledProcessError, type Output, SubprocessError, TimeoutExpired } from './errors/subprocess-error.ts'
export { SharedArray as Array } from './memory/array.ts'
export type { SharedMemoryOptions } from './memory/shared-memory.ts'
export type { TypeCode, ValueOf } from './memory/type-code.ts'
export { Value } from './memory/value.ts'
export { PoolIterator } from './pool/imap.ts'
export { type ApplyOptions, type MapOptions, Pool, type PoolOptions } from './pool/pool.ts'
export { PoolResult, type ResultCallbacks } from './pool/result.ts'
export type { Handle } from './prefork/handle.ts'
export { type Given, Receiver } from './prefork/receiver.ts'
export type { SetWorker } from './prefork/set-worker.ts'
export { WorkerSet, type WorkerSetOptions } from './prefork/worker-set.ts'
export type { ContextName } from './process/child.ts'
export { activeChildren } from './process/children.ts'
export { type CurrentProcess, cpuCount, currentProcess, type ProcessInfo, parentProcess } from './process/current.ts'
export { Process, type ProcessOptions } from './process/process.ts'
export type { Sentinel } from './process/sentinel.ts'
export { SystemExit } from './process/system-exit.ts'
export type { Target } from './process/target.ts'
export type { SharedQueueOptions } from './queue/base-queue.ts'
export { JoinableQueue, Queue, SimpleQueue } from './queue/queue.ts'
export { DEVNULL, PIPE, STDOUT } from './subprocess/constants.ts'
export type { PopenOptions, StandardStream } from './subprocess/options.ts'
export { PipeReader } from './subprocess/pipe-reader.ts'
export { PipeWriter } from './subprocess/pipe-writer.ts'
export { Popen } from './subprocess/popen.ts'
export {
  CompletedProcess,
  call,
  checkCall,
  checkOutput,
  getoutput,
  getstatusoutput,
  type RunOptions,
  run,
} from './subprocess/run.ts'
export { Barrier } from './sync/barrier.ts'
export { Condition } from './sync/condition.ts'
export { Event } from './sync/event.ts'
export { RLock } from './sync/r-lock.ts'
export { BoundedSemaphore, type Held, Lock, Semaphore, type SharedAcquireOptions } from './sync/semaphore.ts'
