import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkOptions, checkTimeoutFromZero, type TimeLimit } from '@greenlit/core/engine'
import { CalledProcessError, type Output } from '../errors/subprocess-error.ts'
import { checkInput } from './check-options.ts'
import { DEVNULL, PIPE, STDOUT } from './constants.ts'
import type { PopenOptions } from './options.ts'
import { type DataOf, type IfPiped, Popen } from './popen.ts'

/** How to run a program to its end. */
export interface RunOptions extends PopenOptions {
  /** What it is to read from its standard input. */
  input?: Uint8Array | string
  /** Whether both outputs are captured: `stdout: PIPE` and `stderr: PIPE`. Default false. */
  captureOutput?: boolean
  /** How long it may take, in milliseconds from 0 up. Default without end; when over, it is killed. */
  timeout?: TimeLimit
  /** Whether an exit code other than 0 is an error. Default false. */
  check?: boolean
}

/** A program that has ended (Python: subprocess.CompletedProcess). */
export class CompletedProcess<
  D extends Output = Buffer,
  Out extends D | undefined = D | undefined,
  Err extends D | undefined = D | undefined,
> {
  /** The command, as given. */
  readonly args: string | readonly string[]
  /** Its exit code, or minus the number of the signal that ended it. */
  readonly returncode: number
  /** What it wrote to its standard output, if that was captured. */
  readonly stdout: Out
  /** What it wrote to its standard error, if that was captured. */
  readonly stderr: Err

  constructor(args: string | readonly string[], returncode: number, stdout: Out, stderr: Err) {
    this.args = args
    this.returncode = returncode
    this.stdout = stdout
    this.stderr = stderr
  }

  /** Throws {CalledProcessError} if `returncode` is not 0. */
  checkReturncode(): void {
    if (this.returncode !== 0) throw new CalledProcessError(this.returncode, this.args, this.stdout, this.stderr)
  }
}

type Captured<O extends RunOptions, Name extends 'stdout' | 'stderr'> = O extends { readonly captureOutput: true }
  ? DataOf<O>
  : IfPiped<O, Name, DataOf<O>>

/** What `run` gives under some options. */
export type CompletedOf<O extends RunOptions> = CompletedProcess<
  DataOf<O>,
  Captured<O, 'stdout'>,
  Captured<O, 'stderr'>
>

/**
 * Runs a program to its end (Python: subprocess.run). Killed or timed out itself, it kills the program and waits for its end first.
 *
 * @param args the program and its arguments, or with `shell` a command line
 * @param options see `RunOptions`
 * @throws {TimeoutExpired} with what was written until then, when the time is over; {CalledProcessError} with `check`;
 *   {FileNotFoundError} and {PermissionError} as `Popen` does
 * @example
 * const { stdout } = yield* run(['git', 'status', '--short'], { captureOutput: true, text: true, check: true })
 */
export function run<const O extends RunOptions>(
  args: string | readonly string[],
  options?: O,
): Operation<CompletedOf<O>> {
  const given: RunOptions = checkOptions<RunOptions>(options)
  const limit = checkTimeoutFromZero(given.timeout)
  if (given.captureOutput && (given.stdout ?? given.stderr ?? undefined) !== undefined)
    throw new RangeError('Expected no `stdout` and no `stderr` beside `captureOutput`')
  const input = checkInput(given.input)
  if (input !== undefined && (given.stdin ?? undefined) !== undefined)
    throw new RangeError('Expected no `stdin` beside `input`')
  return new Call<[string | readonly string[], RunOptions, TimeLimit], CompletedOf<O>>(runToEnd, [args, given, limit])
}

function* runToEnd<D extends Output>(
  args: string | readonly string[],
  options: RunOptions,
  timeout: TimeLimit,
): Generator<Suspension, CompletedProcess<D>, unknown> {
  const { input, captureOutput, check, timeout: _limit, ...popenOptions } = options
  if (captureOutput) popenOptions.stdout = popenOptions.stderr = PIPE
  if (input !== undefined && input !== null) popenOptions.stdin = PIPE
  const program = new Popen(args, popenOptions)
  try {
    const [stdout, stderr] = (yield* program.communicate({ input, timeout })) as [D | undefined, D | undefined]
    const completed = new CompletedProcess<D>(args, program.returncode!, stdout, stderr)
    if (check) completed.checkReturncode()
    return completed
  } catch (error) {
    program.kill()
    // What it started itself may hold its pipes open for ever: only its own end is waited for.
    yield* program.wait()
    throw error
  } finally {
    program.stdin?.discard()
    for (const pipe of [program.stdout, program.stderr]) pipe?.close()
  }
}

/**
 * Runs a program to its end and gives its exit code (Python: subprocess.call). See `run`.
 *
 * @example
 * const returncode = yield* call(['make', 'test'])
 */
export function call(
  args: string | readonly string[],
  options: PopenOptions & { timeout?: TimeLimit } = {},
): Operation<number> {
  const given = checkOptions(options)
  return new Call<[], number>(function* (): Generator<Suspension, number, unknown> {
    return (yield* run(args, given)).returncode
  }, [])
}

/**
 * Runs a program that must succeed (Python: subprocess.check_call).
 *
 * @throws {CalledProcessError} if its exit code is not 0
 * @example
 * yield* checkCall(['make', 'test'])
 */
export function checkCall(
  args: string | readonly string[],
  options: PopenOptions & { timeout?: TimeLimit } = {},
): Operation<number> {
  const given = { ...checkOptions(options), check: true }
  return new Call<[], number>(function* (): Generator<Suspension, number, unknown> {
    return (yield* run(args, given)).returncode
  }, [])
}

/**
 * Runs a program that must succeed and gives what it wrote to its standard output (Python: subprocess.check_output).
 *
 * @throws {CalledProcessError} with the output, if its exit code is not 0
 * @example
 * const head = yield* checkOutput(['git', 'rev-parse', 'HEAD'], { text: true })
 */
export function checkOutput<const O extends RunOptions>(
  args: string | readonly string[],
  options?: O,
): Operation<DataOf<O>> {
  const given = checkOptions(options)
  if ('stdout' in given || 'check' in given)
    throw new RangeError('Expected no `stdout` and no `check`: the output is captured and the exit code checked')
  return new Call<[], DataOf<O>>(function* (): Generator<Suspension, DataOf<O>, unknown> {
    const completed = yield* run(args, { ...(given as O), stdout: PIPE, check: true })
    return completed.stdout as DataOf<O>
  }, [])
}

/**
 * Runs a command line in a shell and gives its exit code and all that it wrote, without the last line end (Python: getstatusoutput).
 *
 * @param command a line for the shell
 * @param options `timeout`, `encoding` and `errors` of `RunOptions`
 * @example
 * const [status, output] = yield* getstatusoutput('ls | wc -l')
 */
export function getstatusoutput(
  command: string,
  options: Pick<RunOptions, 'timeout' | 'encoding' | 'errors'> = {},
): Operation<[status: number, output: string]> {
  const given = checkOptions(options)
  return new Call<[], [number, string]>(function* (): Generator<Suspension, [number, string], unknown> {
    const completed = yield* run(command, {
      ...given,
      shell: true,
      stdin: DEVNULL,
      stdout: PIPE,
      stderr: STDOUT,
      text: true,
    })
    return [completed.returncode, (completed.stdout ?? '').replace(/\n$/, '')]
  }, [])
}

/**
 * As `getstatusoutput`, without the exit code.
 *
 * @example
 * const branch = yield* getoutput('git rev-parse --abbrev-ref HEAD')
 */
export function getoutput(
  command: string,
  options: Pick<RunOptions, 'timeout' | 'encoding' | 'errors'> = {},
): Operation<string> {
  const both = getstatusoutput(command, options)
  return new Call<[], string>(function* (): Generator<Suspension, string, unknown> {
    return (yield* both)[1]
  }, [])
}
