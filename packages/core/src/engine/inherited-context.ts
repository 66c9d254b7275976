import type { Context } from './context.ts'
import type { Execution } from './execution.ts'
import { runtime } from './runtime.ts'

/**
 * Returns the execution whose context variables are visible. A wait of plain code has its own only while it runs in a context
 * that was entered.
 */
export function contextOwner(): Execution | null {
  const execution = runtime.current
  return execution === null || (execution._isMain && execution._extras?.variables?.isEntered !== true)
    ? runtime.main
    : execution
}

/** Returns the context for a new greenlet according to `hub.inherit`; `null` while there is nothing to see. */
export function inheritedContext(): Context | null {
  const owner = contextOwner()
  // A shared context has to exist: reading the creator's `context` creates it.
  if (runtime.inherit === 'share') return (owner as (Execution & { readonly context: Context }) | null)?.context ?? null
  const source = owner?._extras?.variables ?? null
  return source === null || runtime.inherit === 'empty' ? null : source.copy()
}
