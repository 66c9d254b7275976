import { decode, encode, type Payload } from '../codec/payload.ts'
import { ProcessDiedError } from '../errors/process-error.ts'
import { NOTE_START, type NoteHandler } from '../tree/notes.ts'
import { tree } from '../tree/tree.ts'
import { type Child, type ContextName, startChild } from './child.ts'
import { identity } from './identity.ts'
import { modulesAtStart } from './importing.ts'
import type { CheckedTarget } from './target.ts'

/** How long a process may take to exit after it has announced that it will, in milliseconds. */
const EXIT_TIMEOUT = 5000

/** The first message to a new process: its identity and what it runs. */
export interface Boot {
  readonly id: string
  readonly name: string
  readonly daemon: boolean
  readonly context: ContextName
  readonly parent: { readonly id: string; readonly name: string; readonly pid: number }
  readonly target: CheckedTarget
  /** See `modulesAtStart`. */
  readonly modulesAtStart: readonly string[]
}

/** How a process ended. */
export interface Ending {
  /** Its exit code, or the negated number of the signal that killed it. */
  readonly exitcode: number
  /** The error that ended it, if any. */
  readonly error: Error | undefined
}

/** What `launch` starts a process with. */
export interface LaunchOptions {
  readonly name: string
  readonly daemon: boolean
  readonly context: ContextName
  readonly target: CheckedTarget
  readonly args: readonly unknown[]
  /** Receives the process's one-way messages, except for those about its own exit. */
  readonly onNote?: NoteHandler
  readonly onEnd: (ending: Ending) => void
}

/** A process as seen by its parent. */
export interface Launched {
  readonly id: string
  readonly child: Child
}

/**
 * Starts a process and sends it what to run.
 *
 * @throws {SerializationError} if an argument cannot be sent; the process is then gone again
 */
export function launch(options: LaunchOptions): Launched {
  const id = tree.nextChild()
  try {
    return launchAs(id, options)
  } catch (error) {
    // Shared objects among the arguments have reached no one.
    tree.removeChild(id)
    throw error
  }
}

function launchAs(id: string, { name, daemon, context, target, args, onNote, onEnd }: LaunchOptions): Launched {
  const packed = encode(args, id)
  let isBooted = false
  let announced: Ending | undefined
  let killTimer: NodeJS.Timeout | undefined
  const child = startChild(context, (exitcode, error) => {
    clearTimeout(killTimer)
    tree.removeChild(id)
    if (isBooted) onEnd(endingOf(exitcode, error, announced))
  })
  tree.addChild(id, child.transport, (header, payload) => {
    if (header[NOTE_START] !== 'leaving') {
      onNote?.(header, payload)
      return
    }
    announced = {
      exitcode: header[NOTE_START + 1] as number,
      error: payload === undefined ? undefined : errorIn(payload),
    }
    // On rare occasions Node hangs while it exits. The announced exit code counts even if the process has to be killed.
    killTimer = setTimeout(() => child.kill('SIGKILL'), EXIT_TIMEOUT).unref()
  })
  const parent = { id: tree.id, name: identity.name, pid: process.pid }
  const boot: Boot = { id, name, daemon, context, parent, target, modulesAtStart: modulesAtStart() }
  try {
    tree.note(id, ['boot', boot], packed)
    isBooted = true
  } finally {
    // A transferred or shared object may be refused only when it is sent.
    if (!isBooted) child.kill('SIGKILL')
  }
  return { id, child }
}

function endingOf(exitcode: number, error: Error | undefined, announced: Ending | undefined): Ending {
  if (announced !== undefined) return announced
  if (error !== undefined) return { exitcode, error }
  return { exitcode, error: exitcode === 0 ? undefined : new ProcessDiedError(describeEnd(exitcode), exitcode) }
}

/** Describes how a process ended, for error messages. */
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
