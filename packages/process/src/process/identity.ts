import { isMainThread } from 'node:worker_threads'
import type { ContextName } from './child.ts'

/** Who this process is. */
export interface Identity {
  name: string
  daemon: boolean
  readonly context: ContextName
  /** Who started it; `undefined` for the program itself. */
  readonly parent: { readonly id: string; readonly name: string; readonly pid: number } | undefined
}

/** Who this process is; a child is told when it starts. */
export let identity: Identity = {
  name: 'MainProcess',
  daemon: false,
  context: isMainThread ? 'process' : 'thread',
  parent: undefined,
}

/** Makes this process a child. */
export function becomeChild(own: Identity): void {
  identity = own
}
