import type { ChildProcess } from 'node:child_process'
import type { Operation } from '@greenlit/core'
import { checkCallable, checkOptions, checkTimeoutFromZero, Done, type TimeLimit } from '@greenlit/core/engine'
import { refuseToSend } from '../codec/registry.ts'
import { osError } from '../errors/os-error.ts'
import { TimeoutExpired } from '../errors/subprocess-error.ts'
import { checkSignal, sendSignal, whenExited } from '../signals.ts'
import { ExternalWait, type WaitSource } from '../wait/external-wait.ts'
import { Links } from '../wait/links.ts'
import { checkInput, codecOf } from './check-options.ts'
import { Communication } from './communication.ts'
import type { PIPE } from './constants.ts'
import type { Data } from './data.ts'
import { commandOf, type PopenOptions } from './options.ts'
import { PipeReader } from './pipe-reader.ts'
import { PipeWriter } from './pipe-writer.ts'
import { startProgram } from './start-program.ts'
import type { EncodingErrors } from './text-codec.ts'

/** The type of the data in the pipes under given options; options of which only their type `PopenOptions` is known give bytes. */
export type DataOf<O extends PopenOptions> = O extends
  | { text: true }
  | { universalNewlines: true }
  | { encoding: string }
  | { errors: EncodingErrors }
  ? string
  : keyof PopenOptions extends keyof O
    ? Buffer
    : [Exclude<TextOptionOf<O>, false | undefined>] extends [never]
      ? Buffer
      : Buffer | string

/** The values of the options that choose text. */
type TextOptionOf<O> = O[keyof O & ('text' | 'universalNewlines' | 'encoding' | 'errors')]

/** `T` if the options make a standard stream a pipe; otherwise `T | undefined`. */
export type IfPiped<O, Name extends 'stdin' | 'stdout' | 'stderr', T> = O extends { readonly [K in Name]: typeof PIPE }
  ? T
  : T | undefined

/** The options of `Popen.communicate`. */
export interface CommunicateOptions {
  /** Bytes or text for the program's standard input. */
  input?: Data | undefined
  /** The time limit, in milliseconds >= 0. Default: none. */
  timeout?: TimeLimit
}

/**
 * A program running in a child process (Python: subprocess.Popen). It can be waited for together with other objects:
 * `wait([program, event])`. It keeps this program alive only while something waits for it, and is not terminated with this program.
 *
 * @example
 * const program = new Popen(['grep', 'needle'], { stdin: PIPE, stdout: PIPE, text: true })
 * const [found] = yield* program.communicate('hay\nneedle\n')
 * program.returncode // 0
 */
export class Popen<const O extends PopenOptions = PopenOptions> implements WaitSource<number> {
  /** @internal */
  readonly name = 'Popen.wait'
  /** The command, as passed to the constructor. */
  readonly args: string | readonly string[]
  /** Its process id. */
  readonly pid: number
  /** Its standard input, if that is a pipe. */
  readonly stdin: IfPiped<O, 'stdin', PipeWriter>
  /** Its standard output, if that is a pipe. */
  readonly stdout: IfPiped<O, 'stdout', PipeReader<DataOf<O>>>
  /** Its standard error, if that is a pipe. */
  readonly stderr: IfPiped<O, 'stderr', PipeReader<DataOf<O>>>
  /** Its exit code, or the negated number of the signal that killed it; `undefined` while it runs. */
  returncode: number | undefined = undefined
  private readonly child: ChildProcess
  private readonly waits = new Set<ExternalWait<number>>()
  private readonly links = new Links<this>()
  private communication: Communication<DataOf<O>> | undefined = undefined

  /**
   * Starts a program.
   *
   * @param args the program and its arguments, or with `shell` a command line
   * @param options see `PopenOptions`
   * @throws {FileNotFoundError} if the program or the folder `cwd` does not exist; {PermissionError} if the program may not be
   *   executed; {TypeError} or {RangeError} for an invalid argument
   */
  constructor(args: string | readonly string[], options?: O) {
    const given = options ?? ({} as O)
    const command = commandOf(args, given)
    this.args = args
    this.child = startProgram(command, given)
    this.pid = this.child.pid!
    whenExited(this.child, (returncode) => this.ended(returncode))
    const codec = codecOf(given)
    const { stdin, stdout, stderr } = this.child
    const own = given.stdin instanceof PipeReader ? null : stdin
    this.stdin = (own === null ? undefined : new PipeWriter(own, codec)) as typeof this.stdin
    this.stdout = (stdout === null ? undefined : new PipeReader(stdout, codec)) as typeof this.stdout
    this.stderr = (stderr === null ? undefined : new PipeReader(stderr, codec)) as typeof this.stderr
    for (const held of [this.child, stdin, stdout, stderr]) (held as { unref?(): void } | null)?.unref?.()
    if (given.stdin instanceof PipeReader) given.stdin.handOver(stdin)
    for (const output of [given.stdout, given.stderr]) if (output instanceof PipeWriter) output.share()
  }

  private ended(returncode: number): void {
    this.returncode = returncode
    for (const wait of this.waits) wait.finish()
    this.links.tell(this)
  }

  /** Checks whether the program has ended: returns its `returncode`, or `undefined`. */
  poll(): number | undefined {
    return this.returncode
  }

  /**
   * Waits until the program ends. If its output is a pipe that nobody reads, that may never happen: use `communicate`.
   *
   * @param options `timeout`: milliseconds >= 0, unlimited by default
   * @returns its `returncode`
   * @throws {TimeoutExpired} when the timeout expires; the program keeps running
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<number> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout)
    return new ExternalWait<number>(this, timeout, (raised) => {
      throw raised ?? new TimeoutExpired(this.args, Number(timeout))
    })
  }

  /**
   * Sends input to the program, reads both its outputs concurrently to the end, and waits until it ends.
   *
   * @param input bytes or text for its standard input, which is then closed; can also be passed in the options
   * @param options `timeout`: milliseconds >= 0, unlimited by default
   * @returns the contents of its standard output and standard error; `undefined` for a stream that is not a pipe
   * @throws {TimeoutExpired} when the timeout expires; calling again without input continues without loss; {RangeError} for input
   *   that can no longer be sent; {ConcurrentObjectUseError} while another greenlet reads its output
   */
  communicate(
    input?: Data | CommunicateOptions,
    options?: { timeout?: TimeLimit },
  ): Operation<[stdout: IfPiped<O, 'stdout', DataOf<O>>, stderr: IfPiped<O, 'stderr', DataOf<O>>]> {
    const given = { ...(isPlain(input) ? input : { input }), ...checkOptions(options) }
    return this.communicateWith(checkInput(given.input), checkTimeoutFromZero(given.timeout)) as ReturnType<
      Popen<O>['communicate']
    >
  }

  private communicateWith(
    input: Uint8Array | string | undefined,
    limit: TimeLimit,
  ): Operation<[DataOf<O> | undefined, DataOf<O> | undefined]> {
    if (input !== undefined && this.stdin === undefined)
      throw new RangeError('Expected `input` only with `stdin: PIPE`')
    this.communication ??= new Communication<DataOf<O>>(this)
    return this.communication.communicate(input, limit)
  }

  /**
   * Sends a signal to the program; does nothing once it has ended.
   *
   * @param signal the name or number of the signal
   * @throws {RangeError} if there is no such signal; {TypeError} for anything but a name or a number; {PermissionError} if the program now runs as another user
   */
  sendSignal(signal: NodeJS.Signals | number): void {
    checkSignal(signal)
    let refusal: NodeJS.ErrnoException | undefined
    const onError = (error: Error) => {
      refusal = error
    }
    // Node reports a failure by emitting 'error' during the call, to which nothing else listens, and ignores ended programs.
    this.child.once('error', onError)
    sendSignal(this.child, signal)
    this.child.off('error', onError)
    if (refusal !== undefined) throw osError(refusal.code ?? 'EPERM', { cause: refusal })
  }

  /** Terminates the program with SIGTERM. The returned operation completes at once. */
  terminate(): Operation<undefined> {
    this.sendSignal('SIGTERM')
    return new Done()
  }

  /** Kills the program with SIGKILL. The returned operation completes at once. */
  kill(): Operation<undefined> {
    this.sendSignal('SIGKILL')
    return new Done()
  }

  /** Calls a function in the hub when the program ends; if it already has, in the hub's next turn. */
  rawlink(callback: (program: this) => unknown): void {
    checkCallable(callback, 'callback')
    this.links.add(callback)
    if (this.returncode !== undefined) this.links.tell(this)
    else this.child.ref()
  }

  /** Removes one link to the function. */
  unlink(callback: (program: this) => unknown): void {
    this.links.remove(callback)
    this.unrefIfUnused()
  }

  private unrefIfUnused(): void {
    if (this.waits.size === 0 && this.links.size === 0) this.child.unref()
  }

  /** @internal */
  ready(): { value: number } | undefined {
    return this.returncode === undefined ? undefined : { value: this.returncode }
  }

  /** @internal */
  enter(wait: ExternalWait<number>): void {
    this.waits.add(wait)
    this.child.ref()
  }

  /** @internal */
  leave(wait: ExternalWait<number>): void {
    this.waits.delete(wait)
    this.unrefIfUnused()
  }

  /** Closes the pipes, at the end of a `using` block, which cannot wait for the program to end. */
  [Symbol.dispose](): void {
    for (const pipe of [this.stdout, this.stderr, this.stdin]) pipe?.close()
  }

  /** Closes the pipes and waits until the program ends (Python: `with Popen(...)`). */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]()
    await this.wait()
  }

  toString(): string {
    const state = this.returncode === undefined ? 'running' : `returncode: ${this.returncode}`
    return `<Popen: ${state} args: ${JSON.stringify(this.args)}>`
  }
}

/** Whether the first argument of `communicate` is options, a plain object. The contents of any other object would be lost. */
function isPlain(input: unknown): input is CommunicateOptions {
  return typeof input === 'object' && input !== null && Object.getPrototypeOf(input) === Object.prototype
}

refuseToSend([Popen])
