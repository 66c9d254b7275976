import { loop } from './loop.ts'
import { platform } from './platform.ts'

/** A captured context of `AsyncLocalStorage`, in which the turns of a greenlet run. */
export interface AsyncContext {
  runInAsyncScope<A extends unknown[], R>(fn: (...args: A) => R, thisArg: unknown, ...args: A): R
}

interface AsyncHooks {
  AsyncResource: new (type: string) => AsyncContext
  AsyncLocalStorage: new () => object
  executionAsyncResource(): object
}

const hooks = platform?.getBuiltinModule?.('node:async_hooks') as AsyncHooks | undefined

/** The context in which this module was loaded, outside of any store. */
const outside = hooks === undefined ? null : new hooks.AsyncResource('Hub')

/** Descriptions of the symbols under which a resource holds its stores, on platforms that keep no context frames. */
const STORES = ['kResourceStore', 'kAsyncLocalStorageContext']

/** Whether the platform keeps contexts in frames. */
const hasFrames = hooks !== undefined && !('kResourceStore' in new hooks.AsyncLocalStorage())

/** The symbol under which a resource exposes its frame. Deno and Bun expose none. */
const frameKey = Object.getOwnPropertySymbols(outside ?? {}).find((key) => key.description === 'context_frame')

/** How many greenlets per batch are probed while no context has ever been seen: a probe costs as much as a spawn. */
const MAX_PROBES_PER_BATCH = 64
let hasSeenContext = false
let batch = -1
let probes = 0

/**
 * Returns the active context, or `null` if no store is active, so that greenlets without contexts cost nothing extra. Detection
 * relies on what a public resource object exposes of itself; if it exposes nothing, there may be a context.
 */
export function captureAsyncContext(): AsyncContext | null {
  if (hooks === undefined) return null
  if (!hasSeenContext) {
    if (batch !== loop.batches) {
      batch = loop.batches
      probes = 0
    } else if (probes >= MAX_PROBES_PER_BATCH) {
      return null
    }
    probes += 1
  }
  const context = detectContext(hooks)
  if (context !== null) {
    hasSeenContext = true
    // From now on a batch must not run in the context of whatever code happened to wake the hub.
    loop.context = outside
  }
  return context
}

/**
 * Returns the context for a greenlet's next turn, at the end of one that ran in `context`: `enterWith` may have changed it. A
 * resource that holds its stores itself already has the change; a captured frame does not.
 */
export function contextAfter(context: AsyncContext): AsyncContext {
  return hasFrames ? new hooks!.AsyncResource('Greenlet') : context
}

function detectContext(hooks: AsyncHooks): AsyncContext | null {
  if (hasFrames) {
    const captured = new hooks.AsyncResource('Greenlet')
    const isNone = frameKey !== undefined && (captured as unknown as Record<symbol, unknown>)[frameKey] === undefined
    return isNone ? null : captured
  }
  const resource = hooks.executionAsyncResource() as Record<symbol, unknown>
  for (const key of Object.getOwnPropertySymbols(resource)) {
    if (STORES.includes(key.description ?? '') && resource[key] !== undefined)
      return new hooks.AsyncResource('Greenlet')
  }
  return null
}
