import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkOptions, checkWhole, show, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { encode } from '../codec/payload.ts'
import { ProcessDiedError } from '../errors/process-error.ts'
import { builtFile } from '../process/built-file.ts'
import { checkInitializer } from '../process/check-initializer.ts'
import type { ContextName } from '../process/child.ts'
import { Process } from '../process/process.ts'
import { checkContext } from '../process/process-options.ts'
import { checkTarget, type Target } from '../process/target.ts'
import { checkMaxsize } from '../queue/base-queue.ts'
import { JoinableQueue, Queue } from '../queue/queue.ts'
import { Barrier } from '../sync/barrier.ts'
import { Condition } from '../sync/condition.ts'
import { Event } from '../sync/event.ts'
import { RLock } from '../sync/r-lock.ts'
import { BoundedSemaphore, Lock, Semaphore } from '../sync/semaphore.ts'
import { Place } from '../tree/place.ts'
import { tree } from '../tree/tree.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import { BaseProxy, methodsOf, type Proxied } from './base-proxy.ts'
import { DictProxy } from './dict-proxy.ts'
import { ListProxy } from './list-proxy.ts'
import { NamespaceProxy } from './namespace-proxy.ts'
import { registerType, typesOf } from './registered-types.ts'
import { ValueProxy } from './value-proxy.ts'

const SERVE = { module: builtFile('manager/server'), export: 'serve' }
/** How long the process may take to end by itself, in milliseconds. */
const GRACE = 1000
let made = 0

/**
 * A process that keeps objects for others (Python: multiprocessing.Manager). What it makes are proxies that may be sent to any
 * process; every call of one is an operation. All is gone with `shutdown`, or with this process.
 *
 * @example
 * const manager = new Manager()
 * yield* manager.start()
 * const results = manager.dict<string, number>()
 * new Process({ target, args: [results] }).start() // there: yield* results.set('answer', 42)
 */
export class Manager implements Awaited<undefined> {
  /** @internal */
  readonly name = 'Manager.start'
  private readonly context: ContextName
  private process: Process | undefined = undefined
  private isReady = false
  private readonly waits = new Set<OutsideWait<undefined>>()

  /** @param options `context`: whether it is a process of the system, which is the default, or a thread of this one */
  constructor(options: { context?: ContextName } = {}) {
    this.context = checkContext(checkOptions(options).context ?? 'process')
  }

  /**
   * Lets managers of this class, and of those that extend it, keep objects of a class of your own (Python: BaseManager.register).
   * `manager.create(typeid, ...)` makes one; in plain JavaScript `manager[typeid](...)` does too.
   *
   * @param typeid what it is called
   * @param target the class, or a function that makes the object
   * @param options `exposed`: the methods that may be called. Default all that do not begin with an underscore
   * @throws {TypeError} for a name, a target or methods that are none; {RangeError} for the name of a method that managers have
   */
  static register(typeid: string, target: Target, options: { exposed?: readonly string[] } = {}): void {
    const { exposed } = checkOptions(options)
    if (exposed !== undefined && !(Array.isArray(exposed) && exposed.every((name) => typeof name === 'string')))
      throw new TypeError(`Expected \`exposed\` to be an array of names of methods, got ${show(exposed)}`)
    // biome-ignore lint/complexity/noThisInStatic: a class that extends this one registers for itself
    registerType(this, typeid, Manager, { target: checkTarget(target), exposed })
  }

  /**
   * Starts the process, at once; the operation that is returned waits until it is ready. Objects may be made right away.
   *
   * @param options `initializer`: a function that the process calls first, with `initargs`
   * @throws {Error} if it was started already; {TypeError} for an initializer that is no target, and `initargs` that are no array
   */
  start(options: { initializer?: Target; initargs?: readonly unknown[] } = {}): Operation<undefined> {
    if (this.process !== undefined) throw new Error('Expected a manager to be started once')
    const types = typesOf(this.constructor, Manager)
    const { initializer, initargs } = checkInitializer(checkOptions(options))
    made += 1
    const process = new Process({
      target: SERVE,
      args: [Object.fromEntries(types), initializer, initargs],
      name: `SyncManager-${made}`,
      daemon: true,
      context: this.context,
    })
    process.onNote = () => {
      this.isReady = true
      this.changed()
    }
    process.onEnd = () => this.changed()
    process.start()
    this.process = process
    return new OutsideWait<undefined>(this, undefined, () => undefined)
  }

  private changed(): void {
    for (const wait of this.waits) wait.finish()
  }

  /** Ends the process and all that it keeps, at once; the operation that is returned waits until it is gone. */
  shutdown(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    const { process } = this
    if (process === undefined) throw new Error('Expected the manager to be started: server not yet started')
    if (process.isAlive()) tree.note(process.node, ['stop'])
    return new Call<[Process, TimeLimit], undefined>(untilGone, [process, timeoutOf(options) ?? GRACE])
  }

  /** Ends the process, as `shutdown` does. */
  [Symbol.dispose](): void {
    if (this.process !== undefined) this.shutdown()
  }

  /** Ends the process, and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process !== undefined) await this.shutdown()
  }

  /** Has something made in the process; answers where. */
  private make(typeid: string, ...args: unknown[]): Place {
    const { process } = this
    if (process === undefined) throw new Error('Expected the manager to be started: server not yet started')
    made += 1
    const name = `${tree.id}:${made}`
    tree.requests.tell({ node: process.node, object: 'maker' }, typeid, [name], encode(args, process.node))
    return Place.at(process.node, name)
  }

  /** Makes an object of a registered class. Throws {RangeError} for one that is not. */
  create<T = Record<string, (...args: unknown[]) => unknown>>(typeid: string, ...args: unknown[]): Proxied<T> {
    if (!typesOf(this.constructor, Manager).has(typeid))
      throw new RangeError(`Expected \`typeid\` to be registered, got ${show(typeid)}`)
    return methodsOf<T>(new BaseProxy(this.make(typeid, ...args)))
  }

  /** Makes a dict; of entries, or of the properties of an object. */
  dict<K = unknown, V = unknown>(
    entries: ReadonlyMap<K, V> | readonly (readonly [K, V])[] | Record<string, V> = [],
  ): DictProxy<K, V> {
    return new DictProxy<K, V>(this.make('dict', entries))
  }

  /** Makes a list. */
  list<T = unknown>(items: Iterable<T> = []): ListProxy<T> {
    return new ListProxy<T>(this.make('list', [...items]))
  }

  /** Makes a namespace. */
  Namespace(names: Record<string, unknown> = {}): NamespaceProxy {
    return new NamespaceProxy(this.make('Namespace', names))
  }

  /** Makes a value; its type is only for the reader, as in Python. */
  Value<T>(_typecode: string, value: T): ValueProxy<T> {
    return new ValueProxy<T>(this.make('Value', value))
  }

  /** Makes an array, which is a list; its type is only for the reader, as in Python. */
  Array<T>(_typecode: string, items: Iterable<T>): ListProxy<T> {
    return this.list(items)
  }

  /** Makes a queue. */
  Queue<T = unknown>(maxsize?: number): Queue<T> {
    const most = checkMaxsize(maxsize)
    return new Queue<T>(most, this.make('Queue', most))
  }

  /** Makes a queue that can be waited for until all of its items are worked off. */
  JoinableQueue<T = unknown>(maxsize?: number): JoinableQueue<T> {
    const most = checkMaxsize(maxsize)
    return new JoinableQueue<T>(most, this.make('Queue', most))
  }

  /** Makes a lock. */
  Lock(): Lock {
    return new Lock(this.make('Lock'))
  }

  /** Makes a lock that its owner may take again. */
  RLock(): RLock {
    return new RLock(this.make('RLock'))
  }

  /** Makes a semaphore. */
  Semaphore(value = 1): Semaphore {
    return new Semaphore(this.make('Semaphore', checkWhole(value, 'value', 0)))
  }

  /** Makes a semaphore that cannot be given back more permits than it began with. */
  BoundedSemaphore(value = 1): BoundedSemaphore {
    return new BoundedSemaphore(this.make('BoundedSemaphore', checkWhole(value, 'value', 0)))
  }

  /** Makes an event. */
  Event(): Event {
    return new Event(this.make('Event'))
  }

  /** Makes a condition. */
  Condition(lock: Lock | RLock = this.RLock()): Condition {
    return new Condition(lock, this.make('Condition'))
  }

  /** Makes a barrier. */
  Barrier(parties: number, timeout?: number): Barrier {
    return new Barrier(parties, undefined, timeout, this.make('Barrier', parties))
  }

  /** @internal */
  ready(): { value: undefined } | undefined {
    if (this.isReady) return { value: undefined }
    if (this.process!.isAlive()) return undefined
    const { exitcode, exception } = this.process!
    throw new ProcessDiedError('The process of the manager ended before it was ready', exitcode, { cause: exception })
  }

  /** @internal */
  enter(wait: OutsideWait<undefined>): void {
    this.waits.add(wait)
    tree.hold()
  }

  /** @internal */
  leave(wait: OutsideWait<undefined>): void {
    this.waits.delete(wait)
    tree.letGo()
  }
}

function* untilGone(process: Process, timeout: TimeLimit): Generator<Suspension, undefined, unknown> {
  yield* process.join({ timeout })
  if (process.isAlive()) process.kill()
  yield* process.join()
  return undefined
}
