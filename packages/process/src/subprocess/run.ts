import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkOptions, checkTimeoutFromZero, type TimeLimit } from '@greenlit/core/engine'
import { CalledProcessError, type Output } from '../errors/subprocess-error.ts'
import { checkInput } from './check-options.ts'
import { DEVNULL, PIPE, STDOUT } from './constants.ts'
import type { Data } from './data.ts'
import type { PopenOptions } from './options.ts'
import { type DataOf, type IfPiped, Popen } from './popen.ts'

/** The options of `run`. */
export interface RunOptions extends PopenOptions {
  /** Bytes or text for its standard input. */
  input?: Data | undefined
  /** Whether to capture both outputs, the same as `stdout: PIPE` and `stderr: PIPE`. Default false. */
  captureOutput?: boolean | undefined
  /** The time limit, in milliseconds >= 0, after which the program is killed. Default: none. */
  timeout?: TimeLimit
  /** Whether to throw an error for an exit code other than 0. Default false. */
  check?: boolean | undefined
}

/**
 * The result of a program that has ended (Python: subprocess.CompletedProcess).
 *
 * @example
 * const completed = yield* run(['git', 'status'], { captureOutput: true, text: true })
 * console.log(completed.returncode, completed.stdout)
 * completed.checkReturncode() // throws unless it is 0
 */
export class CompletedProcess<
  D extends Output = Buffer,
  Out extends D | undefined = D | undefined,
  Err extends D | undefined = D | undefined,
> {
  /** The command, as passed to `run`. */
  readonly args: string | readonly string[]
  /** Its exit code, or the negated number of the signal that killed it. */
  readonly returncode: number
  /** Its standard output, if captured. */
  readonly stdout: Out
  /** Its standard error, if captured. */
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

  toString(): string {
    return `<CompletedProcess: returncode: ${this.returncode} args: ${JSON.stringify(this.args)}>`
  }
}

type Captured<O extends RunOptions, Name extends 'stdout' | 'stderr'> = O extends { readonly captureOutput: true }
  ? DataOf<O>
  : IfPiped<O, Name, DataOf<O>>

/** The type of the result of `run` under given options. */
export type CompletedOf<O extends RunOptions> = CompletedProcess<
  DataOf<O>,
  Captured<O, 'stdout'>,
  Captured<O, 'stderr'>
>

/**
 * Runs a program and waits until it ends (Python: subprocess.run). If the wait is killed or times out, the program is killed, and
 * its end is awaited, before the error is thrown.
 *
 * @param args the program and its arguments, or with `shell` a command line
 * @param options see `RunOptions`
 * @throws {TimeoutExpired} when the timeout expires, with the output so far; {CalledProcessError} with `check`, if the exit code is
 *   not 0; {FileNotFoundError} and {PermissionError} as `Popen` does
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
    // Its own children may keep the pipes open forever, so only its own end is awaited.
    yield* program.wait()
    throw error
  } finally {
    program.stdin?.discard()
    for (const pipe of [program.stdout, program.stderr]) pipe?.close()
  }
}

/**
 * Runs a program and returns its exit code (Python: subprocess.call). See `run`.
 *
 * @example
 * const returncode = yield* call(['make', 'test'])
 */
export function call(
  args: string | readonly string[],
  options: PopenOptions & { timeout?: TimeLimit } = {},
): Operation<number> {
  return returncodeOf(run(args, checkOptions(options)))
}

function returncodeOf(running: Operation<{ readonly returncode: number }>): Operation<number> {
  return new Call<[], number>(function* (): Generator<Suspension, number, unknown> {
    return (yield* running).returncode
  }, [])
}

/**
 * Runs a program and throws an error if it fails (Python: subprocess.check_call). See `run`.
 *
 * @throws {CalledProcessError} if its exit code is not 0
 * @example
 * yield* checkCall(['make', 'test'])
 */
export function checkCall(
  args: string | readonly string[],
  options: PopenOptions & { timeout?: TimeLimit } = {},
): Operation<number> {
  return returncodeOf(run(args, { ...checkOptions(options), check: true }))
}

/**
 * Runs a program and returns its standard output; throws an error if it fails (Python: subprocess.check_output). See `run`.
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
  // As in Python, an input that is given but undefined is an empty one.
  const isEmpty = 'input' in given && (given.input ?? given.stdin ?? undefined) === undefined
  const input = isEmpty ? { input: '' } : {}
  const running = run(args, { ...(given as O), ...input, stdout: PIPE, check: true })
  return new Call<[], DataOf<O>>(function* (): Generator<Suspension, DataOf<O>, unknown> {
    return (yield* running).stdout as DataOf<O>
  }, [])
}

/**
 * Runs a command line in a shell and returns its exit code and its combined output without the final line end (Python:
 * getstatusoutput).
 *
 * @param command a shell command line
 * @param options `timeout`, `encoding` and `errors` of `RunOptions`
 * @example
 * const [status, output] = yield* getstatusoutput('ls | wc -l')
 */
export function getstatusoutput(
  command: string,
  options: Pick<RunOptions, 'timeout' | 'encoding' | 'errors'> = {},
): Operation<[status: number, output: string]> {
  const running = run(command, {
    ...checkOptions(options),
    shell: true,
    stdin: DEVNULL,
    stdout: PIPE,
    stderr: STDOUT,
    text: true,
  })
  return new Call<[], [number, string]>(function* (): Generator<Suspension, [number, string], unknown> {
    const completed = yield* running
    return [completed.returncode, (completed.stdout ?? '').replace(/\n$/, '')]
  }, [])
}

/**
 * Like `getstatusoutput`, but returns only the output.
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
