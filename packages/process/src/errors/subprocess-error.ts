import { branded, show } from '@greenlit/core/engine'
import { signalName } from '../signals.ts'

/** What the failures of subprocess have in common (Python: subprocess.SubprocessError). */
export class SubprocessError extends /* @__PURE__ */ branded('SubprocessError') {
  readonly code: string = 'SUBPROCESS_ERROR'
}

/** What a program wrote: bytes, or text if that was asked for. */
export type Output = Buffer | string

/** A program ended with a code other than 0, and that was to be checked (Python: subprocess.CalledProcessError). */
export class CalledProcessError extends /* @__PURE__ */ branded('CalledProcessError', SubprocessError) {
  override readonly code: string = 'CALLED_PROCESS_ERROR'
  /** Its exit code, or minus the number of the signal that ended it. */
  readonly returncode: number
  /** The program and its arguments, as given. */
  readonly cmd: string | readonly string[]
  /** What it wrote to its standard output, if that was captured. */
  readonly output: Output | undefined
  /** What it wrote to its standard error, if that was captured. */
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

/** A program did not end in time (Python: subprocess.TimeoutExpired). It is an ordinary error that `attempt` catches. */
export class TimeoutExpired extends /* @__PURE__ */ branded('TimeoutExpired', SubprocessError) {
  override readonly code: string = 'TIMEOUT_EXPIRED'
  /** The program and its arguments, as given. */
  readonly cmd: string | readonly string[]
  /** The time that it had, in milliseconds. */
  readonly timeout: number
  /** What it had written to its standard output by then, if that is captured. */
  readonly output: Output | undefined
  /** What it had written to its standard error by then, if that is captured. */
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
