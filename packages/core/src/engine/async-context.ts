import { atMostPerBatch } from './at-most-per-batch.ts'
import { loop } from './loop.ts'
import { deno, platform } from './platform.ts'

/** A captured context of `AsyncLocalStorage`, in which the turns of a greenlet run. */
export interface AsyncContext {
  runInAsyncScope<A extends unknown[], R>(fn: (...args: A) => R, thisArg: unknown, ...args: A): R
}

/** A resource, with symbols under which it exposes its frame or its stores. */
type Resource = Record<symbol, unknown>

interface AsyncHooks {
  AsyncResource: new (type: string) => AsyncContext & Resource
  AsyncLocalStorage: new () => object
  executionAsyncResource(): Resource
}

const hooks = platform?.getBuiltinModule?.('node:async_hooks') as AsyncHooks | undefined

/** A context outside of any store. */
const outside = hooks ? new hooks.AsyncResource('Greenlet') : null

/** Whether the platform keeps contexts in frames. */
const hasFrames = hooks && !('kResourceStore' in new hooks.AsyncLocalStorage())

/** The symbol under which a resource exposes its frame. Deno and Bun expose none. */
const [frameKey] = storeKeys(outside ?? {})

// This module may have been loaded in a store, by a late `import()`.
for (const key of storeKeys(outside ?? {})) outside![key] = undefined
outside?.runInAsyncScope(loop.prepare, loop)

/** Deno's own access to the current frame: without it, all turns would have to run in a context there, 50 times as slowly. */
const currentFrame = deno?.[deno.internal]?.core?.getAsyncContext

/** How many greenlets per batch are probed while no context has ever been seen: a probe costs as much as a spawn. */
const mayProbe = atMostPerBatch(64)
let hasSeenContext = false

/**
 * Returns the active context, or `null` if no store is active, so that greenlets without contexts cost nothing extra. Detection
 * relies on what the platform exposes of its contexts; where it exposes nothing, there may be one.
 */
export function captureAsyncContext(): AsyncContext | null {
  if (!(hooks && (hasSeenContext || mayProbe()) && hasContext(hooks))) return null
  hasSeenContext = true
  // From now on a batch must not run in the context of whatever code happened to wake the hub.
  loop.context = outside
  return new hooks.AsyncResource('Greenlet')
}

/**
 * Returns the context for a greenlet's next turn, at the end of one that ran in `context`: `enterWith` may have changed it. A
 * resource that holds its stores itself already has the change; a captured frame does not.
 */
export function contextAfter(context: AsyncContext): AsyncContext {
  return hasFrames ? new hooks!.AsyncResource('Greenlet') : context
}

/** Whether any store may be active. */
function hasContext(hooks: AsyncHooks): boolean {
  if (currentFrame) return currentFrame() !== undefined
  if (hasFrames) return !frameKey || new hooks.AsyncResource('Greenlet')[frameKey] !== undefined
  const resource = hooks.executionAsyncResource()
  return storeKeys(resource).some((key) => resource[key] !== undefined)
}

/** The symbols under which a resource exposes its frame or its stores. */
function storeKeys(resource: Resource): symbol[] {
  return Object.getOwnPropertySymbols(resource).filter((key) =>
    /kResourceStore|AsyncLocalStorage|context_frame/.test(String(key)),
  )
}
