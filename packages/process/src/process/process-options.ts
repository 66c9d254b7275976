import { show } from '@greenlit/core/engine'
import type { ContextName } from './child.ts'
import { identity } from './identity.ts'
import { type CheckedTarget, checkTarget, type Target } from './target.ts'

/** The options of a `Process`. */
export interface ProcessOptions {
  /** The function that it runs. */
  target: Target
  /** The arguments: anything that can be sent, including shared objects, which stay shared. Default: none. */
  args?: readonly unknown[] | undefined
  /** An object that is passed as the last argument, as options are in JavaScript. */
  kwargs?: Readonly<Record<string, unknown>> | undefined
  /** Its name. Default 'Process-1' and so on; 'Process-1:1' for a child of a child. */
  name?: string | undefined
  /**
   * Whether it is daemonic: terminated when this process exits instead of being waited for. A daemonic process can have only
   * threads as children. Default: the same as the current process.
   */
  daemon?: boolean | undefined
  /** Whether it is an operating system process (the default) or a thread of the current one. */
  context?: ContextName | undefined
}

/** Checked options with the defaults filled in, except for the name. */
export interface CheckedProcessOptions {
  readonly target: CheckedTarget
  readonly args: readonly unknown[]
  readonly name: string | undefined
  readonly daemon: boolean
  readonly context: ContextName
}

/** Checks the options of a process and fills in the defaults. */
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

/** Checks the option `context`. */
export function checkContext(context: unknown): ContextName {
  if (context === 'process' || context === 'thread') return context
  throw new RangeError(`Expected \`context\` to be 'process' or 'thread', got ${show(context)}`)
}

/** Checks the option `daemon`. */
export function checkDaemon(daemon: unknown): boolean {
  if (typeof daemon === 'boolean') return daemon
  throw new TypeError(`Expected \`daemon\` to be true or false, got ${show(daemon)}`)
}

/** Checks the option `name`. */
export function checkName(name: unknown): void {
  if (typeof name !== 'string') throw new TypeError(`Expected \`name\` to be a string, got ${show(name)}`)
}
