import { type AsyncContext, captureAsyncContext } from './async-context.ts'
import type { CapturedStack } from './capture-stack.ts'
import type { Context } from './context.ts'
import type { Execution } from './execution.ts'
import { inheritedContext } from './inherited-context.ts'
import type { TimerNode } from './timers.ts'

/** State that only some executions have, created on first use: a greenlet that needs none of it stays small. */
export class Extras {
  asyncContext: AsyncContext | null = null
  /** The context variables. */
  variables: Context | null = null
  /** How many `shield`s hold back kills and timeouts. */
  shields = 0
  /** Where it was spawned. */
  site: CapturedStack | null = null
  /** What it passes on to the greenlets it spawns. */
  lineage: { readonly locals: Record<string, unknown>; readonly spawner: WeakRef<Execution> } | null = null
  /** Its values of each `Local`. */
  locals: WeakMap<object, object> | null = null
  name: string | undefined = undefined
  /** The timer that starts it later, or that ensures its end after a kill. */
  timer: TimerNode | null = null
}

/** Returns what a new execution inherits from its creator; `null` if that is nothing, as for most. */
export function inheritedExtras(): Extras | null {
  const asyncContext = captureAsyncContext()
  const variables = inheritedContext()
  if (asyncContext === null && variables === null) return null
  const extras = new Extras()
  extras.asyncContext = asyncContext
  extras.variables = variables
  return extras
}
