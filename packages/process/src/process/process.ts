import type { ChildProcess } from 'node:child_process'
import type { Operation } from '@greenlit/core'
import { checkCallable, Done, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { adoptShared } from '../shared/kinds.ts'
import { Links } from '../wait/links.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import type { Child, ContextName } from './child.ts'
import { addChild, removeChild } from './children.ts'
import { identity } from './identity.ts'
import { type Ending, type Launched, type LaunchOptions, launch } from './launch.ts'
import { checkDaemon, checkName, checkProcessOptions, type ProcessOptions } from './process-options.ts'
import { Sentinel } from './sentinel.ts'
import type { CheckedTarget } from './target.ts'

let started = 0

/**
 * A process that runs an exported function (Python: multiprocessing.Process). Its end can be waited for beside other things, in
 * `wait([process, event])`. It never outlives this process, however that ends.
 *
 * @example
 * const worker = new Process({ target: { module: new URL('./work.mjs', import.meta.url), export: 'work' }, args: [queue] })
 * worker.start()
 * yield* worker.join()
 * worker.exitcode // 0
 */
export class Process implements Awaited<undefined> {
  private readonly target: CheckedTarget
  private readonly args: readonly unknown[]
  private readonly context: ContextName
  private readonly waits = new Set<OutsideWait<undefined>>()
  private readonly links = new Links<this>()
  private ownName: string
  private isDaemon: boolean
  private launched: Launched | undefined = undefined
  private ending: Ending | undefined = undefined
  private isClosed = false
  private ownSentinel: Sentinel | undefined = undefined
  /** @internal */
  onNote: LaunchOptions['onNote'] = undefined
  /** @internal */
  onEnd: (() => void) | undefined = undefined
  /** @internal Whether it may have children, daemonic or not. */
  mayHaveChildren = false

  /**
   * @param options see `ProcessOptions`
   * @throws {TypeError} for a target that is none, such as a function: it says why; {FileNotFoundError} if there is no such module
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

  /** What it is called; it may be set at any time, but it knows itself by the name that it had at its start. */
  get name(): string {
    return this.ownName
  }

  set name(name: string) {
    checkName(name)
    this.ownName = name
  }

  /** Whether it is ended with this process instead of being waited for; it may be set before the start. */
  get daemon(): boolean {
    return this.isDaemon
  }

  set daemon(daemon: boolean) {
    if (this.launched !== undefined) throw new Error('Expected `daemon` to be set before the process is started')
    this.isDaemon = checkDaemon(daemon)
  }

  /** Its process id; `undefined` before the start. A thread has that of this process. */
  get pid(): number | undefined {
    this.checkOpen()
    return this.launched?.child.pid
  }

  /** Same as `pid`. */
  get ident(): number | undefined {
    return this.pid
  }

  /** Its exit code: 0, what it exited with, 1 for an error, minus the number of a signal; `undefined` while it lives. */
  get exitcode(): number | undefined {
    this.checkOpen()
    return this.ending?.exitcode
  }

  /** What ended it, if that was an error or a signal. */
  get exception(): Error | undefined {
    return this.ending?.error
  }

  /** Something for `wait` and `connection.wait` that is ready at its end. */
  get sentinel(): Sentinel {
    if (this.launched === undefined) throw new RangeError('Expected the process to be started')
    return (this.ownSentinel ??= new Sentinel(this))
  }

  /** Whether it was started and has not ended. */
  isAlive(): boolean {
    this.checkOpen()
    return this.launched !== undefined && this.ending === undefined
  }

  /**
   * Starts it, at once, as the arguments are now. The operation that is returned has nothing to wait for.
   *
   * @throws {SerializationError} for an argument that cannot be sent; {Error} if it was started already, or it is not a
   *   thread and this process is daemonic
   */
  start(): Operation<undefined> {
    this.checkOpen()
    if (this.launched !== undefined) throw new Error('Expected a process to be started once')
    const { target, args, context } = this
    if (identity.daemon && identity.context === 'process' && context === 'process')
      throw new Error('Expected a daemonic process to have no children but threads')
    adoptShared()
    this.launched = launch({
      name: this.ownName,
      daemon: this.isDaemon && !this.mayHaveChildren,
      context,
      target,
      args,
      onNote: (header, payload) => this.onNote?.(header, payload),
      onEnd: (ending) => this.ended(ending),
    })
    this.letGo()
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
   * Waits for its end.
   *
   * @param options `timeout`: milliseconds, default without end; when over, the wait just ends
   * @throws {Error} at once, if it was not started
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    this.checkOpen()
    if (this.launched === undefined)
      throw new Error('Expected the process to be started: can only join a started process')
    return new OutsideWait<undefined>(this, timeoutOf(options), () => undefined)
  }

  /** Ends it by SIGTERM: its `finally` blocks do not run. The operation that is returned has nothing to wait for. */
  terminate(): Operation<undefined> {
    return this.signal('SIGTERM')
  }

  /** Ends it by SIGKILL. The operation that is returned has nothing to wait for. */
  kill(): Operation<undefined> {
    return this.signal('SIGKILL')
  }

  private signal(signal: NodeJS.Signals): Operation<undefined> {
    this.checkOpen()
    if (this.ending === undefined) this.child.kill(signal)
    return new Done()
  }

  /**
   * Ends the use of this object: `start`, `join`, `terminate`, `kill`, `isAlive`, `pid` and `exitcode` then throw {RangeError}.
   *
   * @throws {RangeError} while the process lives
   */
  close(): Operation<undefined> {
    if (!this.isClosed && this.launched !== undefined && this.ending === undefined)
      throw new RangeError('Expected the process to have ended: join or terminate it before you close it')
    this.isClosed = true
    return new Done()
  }

  /** Calls a function in the hub at its end, or later if it has ended. */
  rawlink(callback: (process: this) => unknown): void {
    checkCallable(callback, 'callback')
    this.links.add(callback)
    if (this.ending !== undefined) this.links.tell(this)
    else this.launched?.child.ref()
  }

  /** Takes back one link of the function. */
  unlink(callback: (process: this) => unknown): void {
    this.links.remove(callback)
    this.letGo()
  }

  private checkOpen(): void {
    if (this.isClosed) throw new RangeError('Expected the process object to be open: it is closed')
  }

  private get child(): Child {
    if (this.launched === undefined) throw new Error('Expected the process to be started')
    return this.launched.child
  }

  /** @internal Its place in the tree. */
  get node(): string {
    return this.launched!.id
  }

  /** @internal The process of the system. */
  get system(): ChildProcess | undefined {
    return this.launched?.child.system
  }

  /** @internal Whether it keeps the program alive. */
  set holdsProgram(holds: boolean) {
    if (holds) this.child.ref()
    else this.child.unref()
  }

  private letGo(): void {
    if (this.isDaemon && this.waits.size === 0 && this.links.size === 0) this.launched?.child.unref()
  }

  /** @internal */
  ready(): { value: undefined } | undefined {
    return this.ending === undefined ? undefined : { value: undefined }
  }

  /** @internal */
  enter(wait: OutsideWait<undefined>): void {
    this.waits.add(wait)
    this.child.ref()
  }

  /** @internal */
  leave(wait: OutsideWait<undefined>): void {
    this.waits.delete(wait)
    this.letGo()
  }

  toString(): string {
    const { exitcode } = this.ending ?? {}
    const state =
      this.launched === undefined ? 'initial' : exitcode === undefined ? 'started' : `stopped exitcode=${exitcode}`
    return `<Process name='${this.ownName}' ${state}${this.isDaemon ? ' daemon' : ''}>`
  }
}
