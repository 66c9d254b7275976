export type { Transferable } from './codec/extras.ts'
export { transfer } from './codec/payload.ts'
export { type Registration, registerClass } from './codec/registry.ts'
export { Connection } from './connection/connection.ts'
export * as connection from './connection/module.ts'
export { Pipe } from './connection/pipe.ts'
export { KeyError } from './errors/key-error.ts'
export { BrokenPipeError, FileNotFoundError, NotADirectoryError, OSError, PermissionError } from './errors/os-error.ts'
export { MaybeEncodingError, RemoteTraceback } from './errors/pool-error.ts'
export {
  BufferTooShort,
  EOFError,
  ProcessDiedError,
  ProcessError,
  SerializationError,
  TimeoutError,
} from './errors/process-error.ts'
export { CalledProcessError, type Output, SubprocessError, TimeoutExpired } from './errors/subprocess-error.ts'
export { ThreadPoolExecutor } from './futures/thread-pool-executor.ts'
export { Manager } from './manager/manager.ts'
export { SharedArray as Array } from './memory/array.ts'
export type { SharedMemoryOptions } from './memory/shared-memory.ts'
export type { TypeCode, ValueOf } from './memory/type-code.ts'
export { Value } from './memory/value.ts'
export type { ApplyOptions, MapAsyncOptions, MapOptions } from './pool/call-options.ts'
export { PoolIterator } from './pool/imap.ts'
export { Pool, type PoolOptions } from './pool/pool.ts'
export { PoolResult, type ResultCallbacks } from './pool/result.ts'
export type { Given } from './prefork/given.ts'
export type { AskOptions } from './prefork/hand-over.ts'
export type { Handle } from './prefork/handle.ts'
export { Receiver } from './prefork/receiver.ts'
export type { SetWorker } from './prefork/set-worker.ts'
export type { StopOptions } from './prefork/stop-options.ts'
export { WorkerSet } from './prefork/worker-set.ts'
export type { WorkerSetOptions } from './prefork/worker-set-options.ts'
export type { ContextName } from './process/child.ts'
export { activeChildren } from './process/children.ts'
export { type CurrentProcess, cpuCount, currentProcess, type ProcessInfo, parentProcess } from './process/current.ts'
export { Process } from './process/process.ts'
export type { ProcessOptions } from './process/process-options.ts'
export type { Sentinel } from './process/sentinel.ts'
export { SystemExit } from './process/system-exit.ts'
export { checkTarget, type Target } from './process/target.ts'
export { BaseProxy, type Proxied } from './proxy/base-proxy.ts'
export { DictProxy } from './proxy/dict-proxy.ts'
export { ListProxy } from './proxy/list-proxy.ts'
export { NamespaceProxy } from './proxy/namespace-proxy.ts'
export { SetProxy } from './proxy/set-proxy.ts'
export { ValueProxy } from './proxy/value-proxy.ts'
export type { SharedQueueOptions } from './queue/base-queue.ts'
export { JoinableQueue, Queue, SimpleQueue } from './queue/queue.ts'
export { DEVNULL, PIPE, STDOUT } from './subprocess/constants.ts'
export type { PopenOptions, StandardStream } from './subprocess/options.ts'
export { PipeReader } from './subprocess/pipe-reader.ts'
export { PipeWriter } from './subprocess/pipe-writer.ts'
export { type CommunicateOptions, type DataOf, type IfPiped, Popen } from './subprocess/popen.ts'
export type { ReadOptions } from './subprocess/read-options.ts'
export {
  type CompletedOf,
  CompletedProcess,
  call,
  checkCall,
  checkOutput,
  getoutput,
  getstatusoutput,
  type RunOptions,
  run,
} from './subprocess/run.ts'
export type { EncodingErrors } from './subprocess/text-codec.ts'
export { Barrier } from './sync/barrier.ts'
export { Condition } from './sync/condition.ts'
export { Event } from './sync/event.ts'
export { RLock } from './sync/r-lock.ts'
export { BoundedSemaphore, type Held, Lock, Semaphore, type SharedAcquireOptions } from './sync/semaphore.ts'
export { ThreadPool, type ThreadPoolOptions } from './thread-pool/thread-pool.ts'
