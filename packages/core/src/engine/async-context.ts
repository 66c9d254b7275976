import { loop } from './loop.ts'

/** A captured context of `AsyncLocalStorage`, in which each turn of a greenlet runs. */
export interface AsyncContext {
  runInAsyncScope<A extends unknown[], R>(fn: (...args: A) => R, thisArg: unknown, ...args: A): R
}

interface AsyncHooks {
  AsyncResource: new (type: string) => AsyncContext
  AsyncLocalStorage: new () => object
  executionAsyncResource(): object
}

const platform = (globalThis as { process?: { getBuiltinModule?(id: string): unknown } }).process
const hooks = platform?.getBuiltinModule?.('node:async_hooks') as AsyncHooks | undefined

/** The context in which this was loaded: outside of any store. */
const outside = hooks === undefined ? null : new hooks.AsyncResource('Hub')

/** What the symbols are called under which a resource holds its stores, on platforms that keep no frames. */
const STORES = ['kResourceStore', 'kAsyncLocalStorageContext']

/** Whether the platform keeps contexts in frames. */
const hasFrames = hooks !== undefined && !('kResourceStore' in new hooks.AsyncLocalStorage())

/** The symbol under which a resource shows its frame. Deno's and Bun's show none. */
const frameKey = Object.getOwnPropertySymbols(outside ?? {}).find((key) => key.description === 'context_frame')

/** How many greenlets of one batch are looked at while no context has ever been seen: looking costs as much as spawning. */
const MAX_PROBES_PER_BATCH = 64
let hasSeenContext = false
let batch = -1
let probes = 0

/**
 * The context that is active now, or `null` when no store is: then a greenlet pays nothing for contexts.
 * Both ways to see that lean on what a public resource object shows of itself; where it shows nothing, there may be one.
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
    // From now on a batch must not run in the context of whoever happened to wake the hub.
    loop.context = outside
  }
  return context
}

/**
 * The context for a greenlet's next turn, at the end of one that ran in `context`: `enterWith` may have changed it. A resource that
 * holds its stores itself has taken the change; a frame that was captured has not.
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
