/**
 * Inspecting greenlets: which are alive, what each one waits on, and which ones block the others.
 *
 * @module
 */
export { type AssertSwitchesOptions, assertSwitches, FailedToSwitch } from './observe/assert-switches.ts'
export { EventLoopBlocked, type Subscriber, subscribers } from './observe/events.ts'
export { GreenletTree, type TreeFormatOptions } from './observe/greenlet-tree.ts'
export {
  type MemoryInfo,
  type MemorySubscriber,
  MemoryUsageThresholdExceeded,
  MemoryUsageUnderThreshold,
  memorySubscribers,
} from './observe/memory-usage.ts'
export { type MonitoringFunction, PeriodicMonitor, type PeriodicMonitorOptions } from './observe/periodic-monitor.ts'
export { formatRunInfo, printRunInfo, type RunInfoOptions } from './observe/run-info.ts'
export { startWatchdog, type Watchdog, type WatchdogOptions } from './observe/watchdog.ts'
export { type ErrorClass, type ErrorOf, type Wrapped, wrapErrors } from './observe/wrap-errors.ts'
