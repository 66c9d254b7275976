import type { Operation } from '@greenlit/core'
import type { TimeLimit } from '@greenlit/core/engine'
import { type Output, TimeoutExpired } from '../errors/subprocess-error.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import type { PipeReader } from './pipe-reader.ts'
import type { PipeWriter } from './pipe-writer.ts'

/** A program that is communicated with. */
interface Communicator<D extends Output> {
  readonly args: string | readonly string[]
  readonly returncode: number | undefined
  readonly stdin: PipeWriter | undefined
  readonly stdout: PipeReader<D> | undefined
  readonly stderr: PipeReader<D> | undefined
}

type Outputs<D> = [stdout: D | undefined, stderr: D | undefined]

/** The conversation of `Popen.communicate`: what was read stays here between calls, so that a call that timed out may be repeated. */
export class Communication<D extends Output> implements Awaited<Outputs<D>> {
  readonly name = 'Popen.communicate'
  private readonly program: Communicator<D>
  private readonly onceEnded: (callback: () => void) => void
  private begun = false
  private wait: OutsideWait<Outputs<D>> | undefined = undefined

  constructor(program: Communicator<D>, onceEnded: (callback: () => void) => void) {
    this.program = program
    this.onceEnded = onceEnded
  }

  /** Goes on until both outputs have ended and the program has. */
  go(input: Uint8Array | string | undefined, timeout: TimeLimit): Operation<Outputs<D>> {
    const wait = new OutsideWait<Outputs<D>>(this, timeout, (raised) => {
      throw raised ?? new TimeoutExpired(this.program.args, Number(timeout), ...this.outputs())
    })
    this.input = input
    return wait
  }

  private input: Uint8Array | string | undefined = undefined

  ready(): { value: Outputs<D> } | undefined {
    const { stdout, stderr, returncode } = this.program
    const ended = [stdout?.collect() ?? true, stderr?.collect() ?? true]
    return returncode !== undefined && ended.every(Boolean) ? { value: this.outputs() } : undefined
  }

  private outputs(): Outputs<D> {
    return [this.program.stdout?.collected(), this.program.stderr?.collected()]
  }

  enter(wait: OutsideWait<Outputs<D>>): void {
    if (this.wait !== undefined) throw new Error('Expected one `communicate` of a program at a time')
    this.wait = wait
    const onChange = () => this.wait?.finish()
    for (const reader of [this.program.stdout, this.program.stderr]) reader?.watch(onChange)
    if (this.begun) return
    this.begun = true
    this.program.stdin?.writeLast(this.input)
    this.onceEnded(onChange)
  }

  leave(): void {
    this.wait = undefined
    for (const reader of [this.program.stdout, this.program.stderr]) reader?.watch(undefined)
  }
}
