import type { ChildProcess } from 'node:child_process'
import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkCallable, Done, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { refuseToSend } from '../codec/registry.ts'
import { signalName } from '../signals.ts'
import { ExternalWait, type WaitSource } from '../wait/external-wait.ts'
import { Links } from '../wait/links.ts'
import type { Child, ContextName } from './child.ts'
import { addChild, removeChild } from './children.ts'
import { identity } from './identity.ts'
import { checkNoRecursion } from './importing.ts'
import { type Ending, type Launched, type LaunchOptions, launch } from './launch.ts'
import { checkDaemon, checkName, checkProcessOptions, type ProcessOptions } from './process-options.ts'
import { Sentinel } from './sentinel.ts'
import { registerSharedClasses } from './shared-classes.ts'
import type { CheckedTarget } from './target.ts'

let started = 0

/**
 * A process that runs an exported function (Python: multiprocessing.Process). It can be waited for together with other objects:
 * `wait([process, event])`. It never outlives the process that started it, however that one ends.
 *
 * @example
 * const worker = new Process({ target: { module: new URL('./work.mjs', import.meta.url), export: 'work' }, args: [queue] })
 * worker.start()
 * yield* worker.join()
 * worker.exitcode // 0
 */
export class Process implements WaitSource<undefined> {
  private readonly target: CheckedTarget
  private readonly args: readonly unknown[]
  private readonly context: ContextName
  private readonly waits = new Set<ExternalWait<undefined>>()
  private readonly links = new Links<this>()
  private ownName: string
  private isDaemon: boolean
  private launched: Launched | undefined = undefined
  private ending: Ending | undefined = undefined
  private isClosed = false
  private cachedSentinel: Sentinel | undefined = undefined
  /** @internal */
  onNote: LaunchOptions['onNote'] = undefined
  /** @internal */
  onEnd: (() => void) | undefined = undefined
  /** @internal Whether it may have process children even if it is daemonic. */
  mayHaveChildren = false
  /** @internal Whether it is among the active children: the threads that a pool starts on demand are not. */
  isListed = true

  /**
   * @param options see `ProcessOptions`
   * @throws {TypeError} for an invalid target, such as a function (the message explains why); {FileNotFoundError} if its module
   *   does not exist
   */
  constructor(options: ProcessOptions) {
    const { target, args, context, daemon, name } = checkProcessOptions(options)
    this.target = target
    this.args = args
    this.context = context
    this.isDaemon = daemon
    started += 1
    const parents = /^Process-(.*)$/.exec(identity.name)?.[1]
    this.ownName = name ?? `Process-${parents === undefined ? '' : `${parents}:`}${started}`
  }

  /** Its name. It can be set at any time, but the process itself only knows the name that it was started with. */
  get name(): string {
    return this.ownName
  }

  set name(name: string) {
    checkName(name)
    this.ownName = name
  }

  /** Whether it is daemonic: terminated when this process exits instead of being waited for. Can be set until it is started. */
  get daemon(): boolean {
    return this.isDaemon
  }

  set daemon(daemon: boolean) {
    if (this.launched !== undefined) throw new Error('Expected `daemon` to be set before the process is started')
    this.isDaemon = checkDaemon(daemon)
  }

  /** Its process id; `undefined` until it is started. A thread has the process id of the current process. */
  get pid(): number | undefined {
    this.checkOpen()
    return this.launched?.child.pid
  }

  /** Same as `pid`. */
  get ident(): number | undefined {
    return this.pid
  }

  /**
   * Its exit code: 0, the status that it exited with, 1 for an error, or the negated number of the signal that killed it;
   * `undefined` until it has ended.
   */
  get exitcode(): number | undefined {
    this.checkOpen()
    return this.ending?.exitcode
  }

  /** The error that ended it, if any; a `ProcessDiedError` if a signal killed it or it called `process.exit` with an error code. */
  get exception(): Error | undefined {
    return this.ending?.error
  }

  /** An object for `wait` and `connection.wait` that becomes ready when the process ends. */
  get sentinel(): Sentinel {
    this.checkOpen()
    if (this.launched === undefined) throw new RangeError('Expected the process to be started')
    return (this.cachedSentinel ??= new Sentinel(this))
  }

  /** Whether it has been started and has not ended. */
  isAlive(): boolean {
    this.checkOpen()
    return this.launched !== undefined && this.ending === undefined
  }

  /**
   * Starts the process immediately, with the arguments as they are now. The returned operation completes at once.
   *
   * @throws {SerializationError} for an argument that cannot be sent; {Error} if it was already started, if it is not a thread
   *   and the current process is daemonic, or if a module without `if (parentProcess() === undefined)` would start itself without end
   */
  start(): Operation<undefined> {
    this.checkOpen()
    if (this.launched !== undefined) throw new Error('Expected a process to be started once')
    const { target, args, context } = this
    checkNoRecursion()
    if (identity.daemon && identity.context === 'process' && context === 'process')
      throw new Error('Expected a daemonic process to have no children but threads')
    registerSharedClasses()
    this.launched = launch({
      name: this.ownName,
      daemon: this.isDaemon && !this.mayHaveChildren,
      context,
      target,
      args,
      onNote: (header, payload) => this.onNote?.(header, payload),
      onEnd: (ending) => this.ended(ending),
    })
    this.unrefIfUnused()
    addChild(this)
    return new Done()
  }

  private ended(ending: Ending): void {
    this.ending = ending
    removeChild(this)
    this.onEnd?.()
    for (const wait of this.waits) wait.finish()
    this.links.tell(this)
  }

  /**
   * Waits until the process ends.
   *
   * @param options `timeout`: milliseconds, unlimited by default; when it expires, `join` returns without an error
   * @throws {Error} if it has not been started
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    return new Call<[Process, TimeLimit], undefined>(joinProcess, [this, timeoutOf(options)])
  }

  /** @internal Throws unless it may be joined. */
  checkJoinable(): void {
    this.checkOpen()
    if (this.launched === undefined)
      throw new Error('Expected the process to be started: can only join a started process')
  }

  /**
   * Interrupts it with SIGINT, as Ctrl-C does: a `run` in its target kills its greenlets and waits for their `finally` blocks. A
   * target without one ends at once, as does a thread. The returned operation completes at once.
   */
  interrupt(): Operation<undefined> {
    return this.signal('SIGINT')
  }

  /** Terminates it with SIGTERM; its `finally` blocks do not run. The returned operation completes at once. */
  terminate(): Operation<undefined> {
    return this.signal('SIGTERM')
  }

  /** Kills it with SIGKILL at once. The returned operation only waits for its end. */
  kill(): Operation<undefined> {
    this.signal('SIGKILL')
    return this.join()
  }

  private signal(signal: NodeJS.Signals): Operation<undefined> {
    this.checkOpen()
    if (this.ending === undefined) this.child.kill(signal)
    return new Done()
  }

  /**
   * Closes this object: `start`, `join`, `interrupt`, `terminate`, `kill`, `isAlive`, `pid`, `exitcode` and `sentinel` then throw {RangeError}.
   *
   * @throws {RangeError} while the process is alive
   */
  close(): Operation<undefined> {
    if (!this.isClosed && this.launched !== undefined && this.ending === undefined)
      throw new RangeError('Expected the process to have ended: join or terminate it before you close it')
    this.isClosed = true
    return new Done()
  }

  /** Calls a function in the hub when the process ends; if it already has, in the hub's next turn. */
  rawlink(callback: (process: this) => unknown): void {
    checkCallable(callback, 'callback')
    this.links.add(callback)
    if (this.ending !== undefined) this.links.tell(this)
    else this.launched?.child.ref()
  }

  /** Removes one link to the function. */
  unlink(callback: (process: this) => unknown): void {
    this.links.remove(callback)
    this.unrefIfUnused()
  }

  private checkOpen(): void {
    if (this.isClosed) throw new RangeError('Expected the process object to be open: it is closed')
  }

  private get child(): Child {
    if (this.launched === undefined) throw new Error('Expected the process to be started')
    return this.launched.child
  }

  /** @internal Its id in the process tree. */
  get node(): string {
    return this.launched!.id
  }

  /** @internal Node's child process; `undefined` for a thread. */
  get childProcess(): ChildProcess | undefined {
    return this.launched?.child.childProcess
  }

  /** @internal Whether it keeps the program alive. */
  set holdsProgram(holds: boolean) {
    if (holds) this.child.ref()
    else this.child.unref()
  }

  private unrefIfUnused(): void {
    if (this.isDaemon && this.waits.size === 0 && this.links.size === 0) this.launched?.child.unref()
  }

  /** @internal */
  ready(): { value: undefined } | undefined {
    return this.ending === undefined ? undefined : { value: undefined }
  }

  /** @internal */
  enter(wait: ExternalWait<undefined>): void {
    this.waits.add(wait)
    this.child.ref()
  }

  /** @internal */
  leave(wait: ExternalWait<undefined>): void {
    this.waits.delete(wait)
    this.unrefIfUnused()
  }

  toString(): string {
    const pid = this.launched === undefined || this.isClosed ? '' : ` pid=${this.launched.child.pid}`
    return `<Process name='${this.ownName}'${pid} parent=${process.pid} ${this.state}${this.isDaemon ? ' daemon' : ''}>`
  }

  /** @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  private get state(): string {
    if (this.isClosed) return 'closed'
    if (this.ending === undefined) return this.launched === undefined ? 'initial' : 'started'
    const { exitcode } = this.ending
    const name = exitcode < 0 ? signalName(-exitcode) : undefined
    return `stopped exitcode=${name === undefined ? exitcode : `-${name}`}`
  }
}

function* joinProcess(process: Process, timeout: TimeLimit): Generator<Suspension, undefined, unknown> {
  process.checkJoinable()
  return yield* new ExternalWait<undefined>(process, timeout, () => undefined)
}

refuseToSend([Process])
