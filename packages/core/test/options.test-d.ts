import type {
  AcquireOptions,
  AsyncResult,
  BarrierOptions,
  Greenlet,
  Group,
  ImapOptions,
  joinall,
  killall,
  LifoQueue,
  Pool,
  PoolOptions,
  PriorityQueueOptions,
  Queue,
  QueueInit,
  QueueOptions,
  SimpleQueue,
  sleep,
  Timeout,
  WaitOptions,
} from '@greenlit/core'
import type {
  AssertSwitchesOptions,
  PeriodicMonitorOptions,
  RunInfoOptions,
  TreeFormatOptions,
  WatchdogOptions,
} from '@greenlit/core/observe'
import type { LeakCheckOptions } from '@greenlit/core/testing'
import { expectTypeOf } from 'vitest'

/** The same options, each given as `undefined`, as a function passes on options that it did not get itself. */
type None<Options> = Record<keyof Options, undefined>

type Second<F extends (...args: never) => unknown> = NonNullable<Parameters<F>[1]>

expectTypeOf<None<AcquireOptions>>().toExtend<AcquireOptions>()
expectTypeOf<None<BarrierOptions>>().toExtend<BarrierOptions>()
expectTypeOf<None<ImapOptions>>().toExtend<ImapOptions>()
expectTypeOf<None<PoolOptions>>().toExtend<PoolOptions>()
expectTypeOf<None<PriorityQueueOptions<1>>>().toExtend<PriorityQueueOptions<1>>()
expectTypeOf<None<QueueInit<1>>>().toExtend<QueueInit<1>>()
expectTypeOf<None<QueueOptions>>().toExtend<QueueOptions>()
expectTypeOf<None<WaitOptions>>().toExtend<WaitOptions>()
expectTypeOf<None<AssertSwitchesOptions>>().toExtend<AssertSwitchesOptions>()
expectTypeOf<None<PeriodicMonitorOptions>>().toExtend<PeriodicMonitorOptions>()
expectTypeOf<None<RunInfoOptions>>().toExtend<RunInfoOptions>()
expectTypeOf<None<TreeFormatOptions>>().toExtend<TreeFormatOptions>()
expectTypeOf<None<WatchdogOptions>>().toExtend<WatchdogOptions>()
expectTypeOf<None<LeakCheckOptions>>().toExtend<LeakCheckOptions>()

expectTypeOf<{ timeout: undefined; raiseError: undefined; count: undefined }>().toExtend<Second<typeof joinall>>()
expectTypeOf<{ ref: undefined }>().toExtend<Second<typeof sleep>>()
expectTypeOf<{ items: undefined }>().toExtend<NonNullable<ConstructorParameters<typeof SimpleQueue>[1]>>()
expectTypeOf<{ items: undefined }>().toExtend<NonNullable<ConstructorParameters<typeof LifoQueue>[1]>>()
expectTypeOf<{ greenletClass: undefined }>().toExtend<NonNullable<ConstructorParameters<typeof Group>[1]>>()
expectTypeOf<{ greenletClass: undefined }>().toExtend<NonNullable<ConstructorParameters<typeof Pool>[1]>>()
expectTypeOf<{ ref: undefined }>().toExtend<NonNullable<ConstructorParameters<typeof Timeout>[2]>>()
expectTypeOf<{ block: undefined; timeout: undefined; grace: undefined }>().toExtend<Second<Greenlet['kill']>>()
expectTypeOf<{ block: undefined; timeout: undefined }>().toExtend<NonNullable<Parameters<typeof killall>[2]>>()
expectTypeOf<{ block: undefined; timeout: undefined }>().toExtend<NonNullable<Parameters<Greenlet['get']>[0]>>()
expectTypeOf<{ block: undefined; timeout: undefined }>().toExtend<NonNullable<Parameters<AsyncResult['get']>[0]>>()
expectTypeOf<{ raiseError: undefined }>().toExtend<NonNullable<Parameters<Group['join']>[0]>>()
expectTypeOf<{ immediate: undefined }>().toExtend<NonNullable<Parameters<Queue['shutdown']>[0]>>()
