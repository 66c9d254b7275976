import { branded, show } from '@greenlit/core/engine'
import { signalName } from '../signals.ts'

/**
 * The base class of the errors of subprocess (Python: subprocess.SubprocessError).
 *
 * @example
 * const made = yield* attempt(run(['make'], { check: true, timeout: 60_000 }))
 * if (!made.ok && made.error instanceof SubprocessError) console.log('failed, or took too long')
 */
export class SubprocessError extends /* @__PURE__ */ branded('SubprocessError') {
  readonly code: string = 'SUBPROCESS_ERROR'
}

/** The output of a program: bytes, or text if text was asked for. */
export type Output = Buffer | string

/**
 * A program whose exit code was to be checked ended with one other than 0 (Python: subprocess.CalledProcessError).
 *
 * @example
 * const status = yield* attempt(checkOutput(['git', 'status']))
 * if (!status.ok && status.error instanceof CalledProcessError) console.log(status.error.returncode, status.error.stderr)
 */
export class CalledProcessError extends /* @__PURE__ */ branded('CalledProcessError', SubprocessError) {
  override readonly code: string = 'CALLED_PROCESS_ERROR'
  /** Its exit code, or minus the number of the signal that killed it. */
  readonly returncode: number
  /** The program and its arguments, as given. */
  readonly cmd: string | readonly string[]
  /** Its standard output, if that was captured. */
  readonly output: Output | undefined
  /** Its standard error, if that was captured. */
  readonly stderr: Output | undefined

  constructor(returncode: number, cmd: string | readonly string[], output?: Output, stderr?: Output) {
    const how =
      returncode < 0
        ? `died with ${signalName(-returncode) ?? `unknown signal ${-returncode}`}`
        : `returned non-zero exit status ${returncode}`
    super(`Command ${describeCommand(cmd)} ${how}`)
    this.returncode = returncode
    this.cmd = cmd
    this.output = output
    this.stderr = stderr
  }

  /** Same as `output`. */
  get stdout(): Output | undefined {
    return this.output
  }
}

/**
 * A program did not end in time (Python: subprocess.TimeoutExpired). It is an ordinary error, which `attempt` catches.
 *
 * @example
 * const made = yield* attempt(run(['make'], { timeout: 60_000 }))
 * if (!made.ok && made.error instanceof TimeoutExpired) console.log(made.error.stdout)
 */
export class TimeoutExpired extends /* @__PURE__ */ branded('TimeoutExpired', SubprocessError) {
  override readonly code: string = 'TIMEOUT_EXPIRED'
  /** The program and its arguments, as given. */
  readonly cmd: string | readonly string[]
  /** The timeout, in milliseconds. */
  readonly timeout: number
  /** Its standard output so far, if that is captured. */
  readonly output: Output | undefined
  /** Its standard error so far, if that is captured. */
  readonly stderr: Output | undefined

  constructor(cmd: string | readonly string[], timeout: number, output?: Output, stderr?: Output) {
    super(`Command ${describeCommand(cmd)} timed out after ${timeout} ms`)
    this.cmd = cmd
    this.timeout = timeout
    this.output = output
    this.stderr = stderr
  }

  /** Same as `output`. */
  get stdout(): Output | undefined {
    return this.output
  }
}

function describeCommand(cmd: string | readonly string[]): string {
  return typeof cmd === 'string' ? show(cmd) : JSON.stringify(cmd)
}
