import { callInHub } from '../engine/callback.ts'
import { interruptMain } from '../engine/interrupt.ts'
import { loop } from '../engine/loop.ts'
import { runtime } from '../engine/runtime.ts'
import { RUNNING } from '../engine/states.ts'
import { FatalError } from '../errors/fatal-error.ts'
import { GreenletExit } from '../errors/greenlet-exit.ts'
import { findDeadlock, watchExit } from './deadlock.ts'
import { RawGreenlet } from './raw-greenlet.ts'
import { spawnSiteOf } from './spawn-site.ts'

/** Where the hub writes what it reports; `process.stderr` is one. */
export interface ExceptionStream {
  write(text: string): unknown
}

/** When the hub reports the error of a greenlet: at its end, or only if nobody has asked for its outcome by the next batch. */
export type ReportErrors = 'always' | 'unobserved'

type ErrorClass = abstract new (...args: never[]) => Error

/** What every program needs of the hub: the parent of what is spawned, and what takes the errors. `Hub` is all of it. */
export class HubRoot extends RawGreenlet {
  /** Where errors are written; `undefined` silences them. Default: standard error. */
  exceptionStream: ExceptionStream | undefined = standardError()
  /** When errors are reported. Default: 'always', as gevent does. */
  reportErrors: ReportErrors = 'always'
  /** Errors of these classes only end their greenlet, and are not printed. */
  NOT_ERROR: ErrorClass[] = [GreenletExit]
  /** Errors of these classes are raised in the plain program where that waits, as is any error that has no context. */
  SYSTEM_ERROR: ErrorClass[] = [FatalError]

  /** @internal There is one already: `getHub()`. */
  constructor() {
    super(undefined, runtime.main as RawGreenlet)
    this.state = RUNNING
  }

  /**
   * Takes an error that nobody else takes: of a greenlet, of a link, of a callback. Assign a function of your own to do
   * something else than print it; it must not throw. An error of `SYSTEM_ERROR`, or without a context, goes to the plain program.
   *
   * @param context what failed, usually a greenlet; `undefined` for the program itself
   * @param error what it threw
   */
  handleError(context: unknown, error: unknown): void {
    if (context === undefined || isOneOf(error, this.SYSTEM_ERROR)) {
      interruptMain(error, () => this.print(context, error))
    } else {
      this.print(context, error)
    }
  }

  private print(context: unknown, error: unknown): void {
    const stream = this.exceptionStream
    if (stream === undefined || stream === null || isOneOf(error, this.NOT_ERROR)) return
    stream.write(
      `${describeError(error)}${spawnSiteOf(context)}\n${new Date().toISOString()} ${String(context)} failed with ${nameOf(error)}\n\n`,
    )
  }

  override toString(): string {
    return '<Hub>'
  }
}

function isOneOf(error: unknown, classes: readonly ErrorClass[]): boolean {
  return classes.some((errorClass) => error instanceof errorClass)
}

function standardError(): ExceptionStream {
  const platform = (globalThis as { process?: { stderr?: ExceptionStream } }).process
  return { write: (text) => (platform?.stderr === undefined ? console.error(text) : platform.stderr.write(text)) }
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error)
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/** The one of this thread. */
export const hub = new HubRoot()
runtime.hub = hub

runtime.reportError = (context, error) => {
  try {
    callInHub(() => hub.handleError(context, error), [])
  } catch (failure) {
    console.error(failure)
  }
}

loop.onIdle = () => {
  if (runtime.programs.size === 0) return
  if (loop.externalWaits > 0) watchExit()
  else findDeadlock()
}
