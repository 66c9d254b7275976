import { isMainThread } from 'node:worker_threads'
import type { ContextName } from './child.ts'

/** The name, context and parent of a process. */
export interface Identity {
  name: string
  daemon: boolean
  readonly context: ContextName
  /** The process that started it; `undefined` for the main program. */
  readonly parent: { readonly id: string; readonly name: string; readonly pid: number } | undefined
  /** The modules whose import has already started a process above this one; `undefined` for the main program. */
  readonly modulesAtStart?: readonly string[]
}

/** The identity of this process; a child receives it in its `Boot` message. */
export let identity: Identity = {
  name: 'MainProcess',
  daemon: false,
  context: isMainThread ? 'process' : 'thread',
  parent: undefined,
}

/** Gives this process the identity of a child. */
export function becomeChild(own: Identity): void {
  identity = own
}
