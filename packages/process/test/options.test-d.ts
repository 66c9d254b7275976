import type {
  ApplyOptions,
  AskOptions,
  Connection,
  ListProxy,
  Manager,
  MapAsyncOptions,
  MapOptions,
  Pipe,
  Pool,
  PoolOptions,
  PopenOptions,
  ProcessOptions,
  ReadOptions,
  ResultCallbacks,
  SharedAcquireOptions,
  SharedMemoryOptions,
  SharedQueueOptions,
  StopOptions,
  ThreadPoolOptions,
  WorkerSetOptions,
} from '@greenlit/process'
import type {
  MapOptions as ExecutorMapOptions,
  ProcessPoolExecutorOptions,
  ShutdownOptions,
  ThreadPoolExecutorOptions,
  wait,
} from '@greenlit/process/futures'
import { expectTypeOf } from 'vitest'

/** The same options, each given as `undefined`, as a function passes on options that it did not get itself. */
type None<Options> = Record<keyof Options, undefined>

type OptionalProcessOptions = Omit<ProcessOptions, 'target'>

expectTypeOf<None<ApplyOptions>>().toExtend<ApplyOptions>()
expectTypeOf<None<AskOptions>>().toExtend<AskOptions>()
expectTypeOf<None<MapAsyncOptions<1>>>().toExtend<MapAsyncOptions<1>>()
expectTypeOf<None<MapOptions>>().toExtend<MapOptions>()
expectTypeOf<None<PoolOptions>>().toExtend<PoolOptions>()
expectTypeOf<None<PopenOptions>>().toExtend<PopenOptions>()
expectTypeOf<None<OptionalProcessOptions>>().toExtend<OptionalProcessOptions>()
expectTypeOf<None<ReadOptions>>().toExtend<ReadOptions>()
expectTypeOf<None<ResultCallbacks<1>>>().toExtend<ResultCallbacks<1>>()
expectTypeOf<None<SharedAcquireOptions>>().toExtend<SharedAcquireOptions>()
expectTypeOf<None<SharedMemoryOptions>>().toExtend<SharedMemoryOptions>()
expectTypeOf<None<SharedQueueOptions>>().toExtend<SharedQueueOptions>()
expectTypeOf<None<StopOptions>>().toExtend<StopOptions>()
expectTypeOf<None<ThreadPoolOptions>>().toExtend<ThreadPoolOptions>()
expectTypeOf<None<WorkerSetOptions>>().toExtend<WorkerSetOptions>()
expectTypeOf<None<ExecutorMapOptions>>().toExtend<ExecutorMapOptions>()
expectTypeOf<None<ProcessPoolExecutorOptions>>().toExtend<ProcessPoolExecutorOptions>()
expectTypeOf<None<ShutdownOptions>>().toExtend<ShutdownOptions>()
expectTypeOf<None<ThreadPoolExecutorOptions>>().toExtend<ThreadPoolExecutorOptions>()

expectTypeOf<{ duplex: undefined }>().toExtend<NonNullable<Parameters<typeof Pipe>[0]>>()
expectTypeOf<{ maxlength: undefined }>().toExtend<NonNullable<Parameters<Connection['recvBytes']>[0]>>()
expectTypeOf<{ reverse: undefined }>().toExtend<NonNullable<Parameters<ListProxy['sort']>[0]>>()
expectTypeOf<{ context: undefined }>().toExtend<NonNullable<ConstructorParameters<typeof Manager>[0]>>()
expectTypeOf<{ exposed: undefined }>().toExtend<NonNullable<Parameters<typeof Manager.register>[2]>>()
expectTypeOf<{ initializer: undefined; initargs: undefined }>().toExtend<NonNullable<Parameters<Manager['start']>[0]>>()
expectTypeOf<{ chunksize: undefined }>().toExtend<NonNullable<Parameters<Pool['imap']>[2]>>()
expectTypeOf<{ timeout: undefined; returnWhen: undefined }>().toExtend<NonNullable<Parameters<typeof wait>[1]>>()
