import type { ChildProcess } from 'node:child_process'
import type { Operation } from '@greenlit/core'
import { checkCallable, checkOptions, checkTimeoutFromZero, Done, type TimeLimit } from '@greenlit/core/engine'
import { osError } from '../errors/os-error.ts'
import { TimeoutExpired } from '../errors/subprocess-error.ts'
import { checkSignal, exitNumber } from '../signals.ts'
import { Links } from '../wait/links.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import { checkInput, codecOf } from './check-options.ts'
import { Communication } from './communication.ts'
import type { PIPE } from './constants.ts'
import { commandOf, type PopenOptions } from './options.ts'
import { PipeReader } from './pipe-reader.ts'
import { PipeWriter } from './pipe-writer.ts'
import { startProgram } from './start-program.ts'
import type { EncodingErrors } from './text-codec.ts'

/** What pipes carry under some options. */
export type DataOf<O extends PopenOptions> = O extends
  | { text: true }
  | { universalNewlines: true }
  | { encoding: BufferEncoding }
  | { errors: EncodingErrors }
  ? string
  : Buffer

/** What belongs to a standard stream that is a pipe under some options; may be `undefined` unless they say so. */
export type IfPiped<O, Name extends 'stdin' | 'stdout' | 'stderr', T> = O extends { readonly [K in Name]: typeof PIPE }
  ? T
  : T | undefined

/** What `Popen.communicate` gets. */
export interface CommunicateOptions {
  /** Bytes or text for its standard input. */
  input?: Uint8Array | string | undefined
  /** How long it may take, in milliseconds from 0 up. Default without end. */
  timeout?: TimeLimit
}

/**
 * A program that was started (Python: subprocess.Popen). Its end can be waited for beside other things, in `wait([program, event])`.
 * It does not keep this program alive unless somebody waits for it, and is not ended with it.
 *
 * @example
 * const program = new Popen(['grep', 'needle'], { stdin: PIPE, stdout: PIPE, text: true })
 * const [found] = yield* program.communicate('hay\nneedle\n')
 * program.returncode // 0
 */
export class Popen<const O extends PopenOptions = PopenOptions> implements Awaited<number> {
  /** @internal */
  readonly name = 'Popen.wait'
  /** The command, as given. */
  readonly args: string | readonly string[]
  /** Its process id. */
  readonly pid: number
  /** Its standard input, if that is a pipe. */
  readonly stdin: IfPiped<O, 'stdin', PipeWriter>
  /** Its standard output, if that is a pipe. */
  readonly stdout: IfPiped<O, 'stdout', PipeReader<DataOf<O>>>
  /** Its standard error, if that is a pipe. */
  readonly stderr: IfPiped<O, 'stderr', PipeReader<DataOf<O>>>
  /** Its exit code, or minus the number of the signal that ended it; `undefined` while it runs. */
  returncode: number | undefined = undefined
  private readonly child: ChildProcess
  private readonly waits = new Set<OutsideWait<number>>()
  private readonly links = new Links<this>()
  private communication: Communication<DataOf<O>> | undefined = undefined

  /**
   * Starts a program.
   *
   * @param args the program and its arguments, or with `shell` a command line
   * @param options see `PopenOptions`
   * @throws {FileNotFoundError} if there is no such program or no folder `cwd`; {PermissionError} if it may not be started;
   *   {TypeError} for a bad argument
   */
  constructor(args: string | readonly string[], options?: O) {
    const given = options ?? ({} as O)
    const command = commandOf(args, given)
    this.args = args
    this.child = startProgram(command, given)
    this.pid = this.child.pid!
    this.child.once('exit', (code, signal) => this.ended(exitNumber(code, signal)))
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

  /** Looks whether it has ended: its `returncode`, or `undefined`. */
  poll(): number | undefined {
    return this.returncode
  }

  /**
   * Waits for its end. With a pipe that nobody reads it may never come: see `communicate`.
   *
   * @param options `timeout`: milliseconds from 0 up, default without end
   * @returns its `returncode`
   * @throws {TimeoutExpired} when the time is over; it goes on
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<number> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout)
    return new OutsideWait<number>(this, timeout, (raised) => {
      throw raised ?? new TimeoutExpired(this.args, Number(timeout))
    })
  }

  /**
   * Gives it its input, reads both outputs at once to their ends, and waits for its end.
   *
   * @param input bytes or text for its standard input, which is closed after that; may be among the options instead
   * @param options `timeout`: milliseconds from 0 up, default without end
   * @returns what it wrote to its standard output and standard error; `undefined` for one that is no pipe
   * @throws {TimeoutExpired} when the time is over: call again, without input, and nothing is lost; {RangeError} for input that the
   *   program could not get any more; {ConcurrentObjectUseError} while another greenlet reads from it
   */
  communicate(
    input?: Uint8Array | string | CommunicateOptions,
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
    return this.communication.go(input, limit)
  }

  /**
   * Sends it a signal; nothing happens once it has ended.
   *
   * @param signal its name or number
   * @throws {RangeError} if there is no such signal; {PermissionError} if it runs as somebody else by now
   */
  sendSignal(signal: NodeJS.Signals | number): void {
    checkSignal(signal)
    let refusal: NodeJS.ErrnoException | undefined
    const onError = (error: Error) => {
      refusal = error
    }
    // Node tells it by an event, within the call; nobody else listens for that. It sends none once the program has ended.
    this.child.once('error', onError)
    this.child.kill(signal)
    this.child.off('error', onError)
    if (refusal !== undefined) throw osError(refusal.code ?? 'EPERM', { cause: refusal })
  }

  /** Sends it SIGTERM. The operation that is returned has nothing to wait for. */
  terminate(): Operation<undefined> {
    this.sendSignal('SIGTERM')
    return new Done()
  }

  /** Sends it SIGKILL. The operation that is returned has nothing to wait for. */
  kill(): Operation<undefined> {
    this.sendSignal('SIGKILL')
    return new Done()
  }

  /** Calls a function in the hub at its end, or later if it has ended. */
  rawlink(callback: (program: this) => unknown): void {
    checkCallable(callback, 'callback')
    this.links.add(callback)
    if (this.returncode !== undefined) this.links.tell(this)
    else this.child.ref()
  }

  /** Takes back one link of the function. */
  unlink(callback: (program: this) => unknown): void {
    this.links.remove(callback)
    this.letGo()
  }

  private letGo(): void {
    if (this.waits.size === 0 && this.links.size === 0) this.child.unref()
  }

  /** @internal */
  ready(): { value: number } | undefined {
    return this.returncode === undefined ? undefined : { value: this.returncode }
  }

  /** @internal */
  enter(wait: OutsideWait<number>): void {
    this.waits.add(wait)
    this.child.ref()
  }

  /** @internal */
  leave(wait: OutsideWait<number>): void {
    this.waits.delete(wait)
    this.letGo()
  }

  /** Closes its pipes, and waits for its end (Python: `with Popen(...)`). */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const pipe of [this.stdout, this.stderr, this.stdin]) pipe?.close()
    await this.wait()
  }

  toString(): string {
    const state = this.returncode === undefined ? 'running' : `returncode: ${this.returncode}`
    return `<Popen: ${state} args: ${JSON.stringify(this.args)}>`
  }
}

/** Whether what stands in the place of the input is options: of another object, the bytes that it may hold would be lost. */
function isPlain(input: unknown): input is CommunicateOptions {
  return typeof input === 'object' && input !== null && Object.getPrototypeOf(input) === Object.prototype
}
