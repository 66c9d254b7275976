import { ConcurrentObjectUseError, type Operation } from '@greenlit/core'
import type { TimeLimit } from '@greenlit/core/engine'
import { type Output, TimeoutExpired } from '../errors/subprocess-error.ts'
import { ExternalWait, type WaitSource } from '../wait/external-wait.ts'
import type { PipeReader } from './pipe-reader.ts'
import type { PipeWriter } from './pipe-writer.ts'

/** The part of a `Popen` that `Communication` needs. */
interface Communicator<D extends Output> {
  readonly args: string | readonly string[]
  readonly returncode: number | undefined
  readonly stdin: PipeWriter | undefined
  readonly stdout: PipeReader<D> | undefined
  readonly stderr: PipeReader<D> | undefined
  rawlink(callback: () => void): void
  unlink(callback: () => void): void
}

type Outputs<D> = [stdout: D | undefined, stderr: D | undefined]
type Input = Uint8Array | string | undefined

/** The state of `Popen.communicate`, kept between calls so that one that timed out can be repeated without loss. */
export class Communication<D extends Output> {
  private readonly program: Communicator<D>
  private begun = false
  private wait: ExternalWait<Outputs<D>> | undefined = undefined

  constructor(program: Communicator<D>) {
    this.program = program
  }

  /** Starts or continues: waits until both outputs and the program have ended. */
  communicate(input: Input, timeout: TimeLimit): Operation<Outputs<D>> {
    return new ExternalWait<Outputs<D>>(new CommunicateCall(this, input), timeout, (raised) => {
      const { args, stdout, stderr } = this.program
      throw raised ?? new TimeoutExpired(args, Number(timeout), stdout?.collectedSoFar(), stderr?.collectedSoFar())
    })
  }

  /** Writes the input to the program and closes its standard input, once. */
  begin(input: Input): void {
    const { stdin, stdout, stderr } = this.program
    // Check for conflicts with other greenlets before anything is written.
    if (this.wait !== undefined) throw new ConcurrentObjectUseError('Expected one `communicate` of a program at a time')
    if (stdout?.isWatched || stderr?.isWatched)
      throw new ConcurrentObjectUseError('Expected no other greenlet to read what the program writes')
    const isInput = input !== undefined && input.length > 0
    if (isInput && this.begun)
      throw new RangeError('Expected `input` with the first `communicate` only: the program has got its input')
    if (isInput && stdin!.closed) throw new RangeError('Expected no `input`: the pipe to the program was closed')
    stdin?.writeLast(input)
    this.begun = true
  }

  ready(): { value: Outputs<D> } | undefined {
    const { stdout, stderr, returncode } = this.program
    const ended = [stdout?.collect() ?? true, stderr?.collect() ?? true]
    if (returncode === undefined || !ended.every(Boolean)) return undefined
    for (const reader of [stdout, stderr]) reader?.close()
    return { value: [stdout?.collected(), stderr?.collected()] }
  }

  private readonly onChange = () => this.wait?.finish()

  enter(wait: ExternalWait<Outputs<D>>): void {
    this.wait = wait
    const { program } = this
    for (const reader of [program.stdout, program.stderr]) reader?.watch(this.onChange)
    program.rawlink(this.onChange)
  }

  leave(): void {
    this.wait = undefined
    const { program } = this
    for (const reader of [program.stdout, program.stderr]) reader?.unwatch()
    program.unlink(this.onChange)
  }
}

/** A single call of `communicate`. Its input is not written before the call is awaited. */
class CommunicateCall<D extends Output> implements WaitSource<Outputs<D>> {
  readonly name = 'Popen.communicate'
  private readonly communication: Communication<D>
  private readonly input: Input
  private begun = false

  constructor(communication: Communication<D>, input: Input) {
    this.communication = communication
    this.input = input
  }

  ready(): { value: Outputs<D> } | undefined {
    if (!this.begun) this.communication.begin(this.input)
    this.begun = true
    return this.communication.ready()
  }

  enter(wait: ExternalWait<Outputs<D>>): void {
    this.communication.enter(wait)
  }

  leave(): void {
    this.communication.leave()
  }
}
