import { decode, encode, type Payload } from '../codec/payload.ts'
import { ProcessDiedError } from '../errors/process-error.ts'
import { NOTED, type NoteTaker } from '../tree/notes.ts'
import { tree } from '../tree/tree.ts'
import { type Child, type ContextName, startChild } from './child.ts'
import { identity } from './identity.ts'
import type { CheckedTarget } from './target.ts'

/** How long a process may take to leave after it said that it does. */
const LEAVING = 5000

/** The first message to a new process: who it is and what it is to do. */
export interface Boot {
  readonly id: string
  readonly name: string
  readonly daemon: boolean
  readonly context: ContextName
  readonly parent: { readonly id: string; readonly name: string; readonly pid: number }
  readonly target: CheckedTarget
}

/** How a process ended. */
export interface Ending {
  /** Its exit code, or minus the number of the signal. */
  readonly exitcode: number
  /** What ended it, if that was an error. */
  readonly error: Error | undefined
}

/** What a process is started with. */
export interface LaunchOptions {
  readonly name: string
  readonly daemon: boolean
  readonly context: ContextName
  readonly target: CheckedTarget
  readonly args: readonly unknown[]
  /** Takes the one-way messages that are not about the process itself. */
  readonly onNote?: NoteTaker
  readonly onEnd: (ending: Ending) => void
}

/** A process as its parent sees it. */
export interface Launched {
  readonly id: string
  readonly child: Child
}

/**
 * Starts a process and tells it what to do.
 *
 * @throws {SerializationError} if an argument cannot be sent; nothing is left of the process then
 */
export function launch(options: LaunchOptions): Launched {
  const id = tree.nextChild()
  try {
    return launchAs(id, options)
  } catch (error) {
    // Nobody has what was among the arguments.
    tree.removeChild(id)
    throw error
  }
}

function launchAs(id: string, { name, daemon, context, target, args, onNote, onEnd }: LaunchOptions): Launched {
  const packed = encode(args, id)
  let isBooted = false
  let announced: Ending | undefined
  let overdue: NodeJS.Timeout | undefined
  const child = startChild(context, (exitcode, error) => {
    clearTimeout(overdue)
    tree.removeChild(id)
    if (isBooted) onEnd(endingOf(exitcode, error, announced))
  })
  tree.addChild(id, child.transport, (header, payload) => {
    if (header[NOTED] !== 'leaving') {
      onNote?.(header, payload)
      return
    }
    announced = { exitcode: header[NOTED + 1] as number, error: payload === undefined ? undefined : errorIn(payload) }
    // Rarely, Node hangs in its own exit: what it has said is what counts.
    overdue = setTimeout(() => child.kill('SIGKILL'), LEAVING).unref()
  })
  const parent = { id: tree.id, name: identity.name, pid: process.pid }
  const boot: Boot = { id, name, daemon, context, parent, target }
  try {
    tree.note(id, ['boot', boot], packed)
    isBooted = true
  } finally {
    // What goes beside the arguments may be refused only now.
    if (!isBooted) child.kill('SIGKILL')
  }
  return { id, child }
}

function endingOf(exitcode: number, error: Error | undefined, announced: Ending | undefined): Ending {
  if (announced !== undefined) return announced
  if (error !== undefined) return { exitcode, error }
  return { exitcode, error: exitcode === 0 ? undefined : new ProcessDiedError(describeEnd(exitcode), exitcode) }
}

/** Says how a process ended. */
export function describeEnd(exitcode: number): string {
  return exitcode < 0 ? `The process was ended by signal ${-exitcode}` : `The process ended with exit code ${exitcode}`
}

function errorIn(payload: Payload): Error | undefined {
  try {
    return decode(payload) as Error
  } catch (error) {
    return error as Error
  }
}
