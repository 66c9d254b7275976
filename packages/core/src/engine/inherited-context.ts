import type { Context } from './context.ts'
import type { Execution } from './execution.ts'
import { runtime } from './runtime.ts'

/** Whose context variables are seen: a wait of plain code has its own only while it runs in a context that was entered. */
export function contextOwner(): Execution | null {
  const execution = runtime.current
  return execution === null || (execution.standsForMain && execution.extras?.variables?.isEntered !== true)
    ? runtime.main
    : execution
}

/** What a new greenlet is to see, by the hub's rule of inheritance; `null` while there is nothing to see. */
export function inheritedContext(): Context | null {
  const owner = contextOwner()
  // What a greenlet shares with those that it makes has to exist: its own property sees to that.
  if (runtime.inherit === 'share') return (owner as (Execution & { readonly context: Context }) | null)?.context ?? null
  const source = owner?.extras?.variables ?? null
  return source === null || runtime.inherit === 'empty' ? null : source.copy()
}
