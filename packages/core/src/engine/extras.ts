import { type AsyncContext, captureAsyncContext } from './async-context.ts'
import type { Context } from './context.ts'
import type { Execution } from './execution.ts'
import { inheritedContext } from './inherited-context.ts'
import type { TimerNode } from './timers.ts'

/** What only some executions have, made on first use: a greenlet that needs none of it stays small. */
export class Extras {
  asyncContext: AsyncContext | null = null
  /** The context variables. */
  variables: Context | null = null
  /** How many `shield`s hold off kills and timeouts. */
  shields = 0
  /** Where it was spawned. */
  site: { readonly stack?: string } | null = null
  /** What it hands to the greenlets that it spawns. */
  lineage: { readonly locals: Record<string, unknown>; readonly spawner: WeakRef<Execution> } | null = null
  /** Its values of each `Local`. */
  locals: WeakMap<object, object> | null = null
  name: string | undefined = undefined
  /** What starts it later, or sees to it that it ends after a kill. */
  timer: TimerNode | null = null
}

/** What a new execution has from its maker; `null` where that is nothing, as for most. */
export function inheritedExtras(): Extras | null {
  const asyncContext = captureAsyncContext()
  const variables = inheritedContext()
  if (asyncContext === null && variables === null) return null
  const extras = new Extras()
  extras.asyncContext = asyncContext
  extras.variables = variables
  return extras
}
