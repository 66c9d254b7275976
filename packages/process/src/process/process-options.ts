import { show } from '@greenlit/core/engine'
import type { ContextName } from './child.ts'
import { identity } from './identity.ts'
import { type CheckedTarget, checkTarget, type Target } from './target.ts'

/** What a process is to do. */
export interface ProcessOptions {
  /** What it runs. */
  target: Target
  /** The arguments: whatever can be sent, and shared objects, which stay shared. Default none. */
  args?: readonly unknown[]
  /** An object that goes behind the other arguments, as options do. */
  kwargs?: Readonly<Record<string, unknown>>
  /** What it is called. Default 'Process-1' and so on, for a child's child 'Process-1:1'. */
  name?: string
  /** Whether it is ended with this process instead of being waited for; its children may be threads only. Default: as this process. */
  daemon?: boolean
  /** Whether it is a process of the system, which is the default, or a thread of this one. */
  context?: ContextName
}

/** The options, each checked and with its default; a name may be found for it. */
export interface CheckedProcessOptions {
  readonly target: CheckedTarget
  readonly args: readonly unknown[]
  readonly name: string | undefined
  readonly daemon: boolean
  readonly context: ContextName
}

/** Checks what a process is to do. */
export function checkProcessOptions(options: ProcessOptions): CheckedProcessOptions {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`Expected \`options\` to be { target, args, ... }, got ${show(options)}`)
  const { args = [], kwargs, name, daemon = identity.daemon, context = 'process' } = options
  const target = checkTarget(options.target)
  if (!Array.isArray(args)) throw new TypeError(`Expected \`args\` to be an array, got ${show(args)}`)
  if (kwargs !== undefined && (typeof kwargs !== 'object' || kwargs === null))
    throw new TypeError(`Expected \`kwargs\` to be an object, got ${show(kwargs)}`)
  checkContext(context)
  checkDaemon(daemon)
  if (name !== undefined) checkName(name)
  return { target, args: kwargs === undefined ? args : [...args, kwargs], name, daemon, context }
}

/** Checks what something is to run on. */
export function checkContext(context: unknown): ContextName {
  if (context === 'process' || context === 'thread') return context
  throw new RangeError(`Expected \`context\` to be 'process' or 'thread', got ${show(context)}`)
}

/** Checks whether something is to be a daemon. */
export function checkDaemon(daemon: unknown): boolean {
  if (typeof daemon === 'boolean') return daemon
  throw new TypeError(`Expected \`daemon\` to be true or false, got ${show(daemon)}`)
}

/** Checks what something is to be called. */
export function checkName(name: unknown): void {
  if (typeof name !== 'string') throw new TypeError(`Expected \`name\` to be a string, got ${show(name)}`)
}
