import type { Operation, Suspension } from '@greenlit/core'
import {
  Call,
  checkIterable,
  checkOptions,
  checkWhole,
  show,
  type TimeLimit,
  timeoutOf,
  wrongType,
} from '@greenlit/core/engine'
import { encode } from '../codec/payload.ts'
import { refuseToSend } from '../codec/registry.ts'
import { ProcessDiedError } from '../errors/process-error.ts'
import { builtFile } from '../process/built-file.ts'
import { checkInitializer } from '../process/check-initializer.ts'
import type { ContextName } from '../process/child.ts'
import { Process } from '../process/process.ts'
import { checkContext } from '../process/process-options.ts'
import { checkTarget, type Target } from '../process/target.ts'
import { BaseProxy, methodsOf, type Proxied } from '../proxy/base-proxy.ts'
import { DictProxy } from '../proxy/dict-proxy.ts'
import { checkEntries, type Entries } from '../proxy/entries.ts'
import { ListProxy } from '../proxy/list-proxy.ts'
import { NamespaceProxy } from '../proxy/namespace-proxy.ts'
import { SetProxy } from '../proxy/set-proxy.ts'
import { ValueProxy } from '../proxy/value-proxy.ts'
import { checkMaxsize } from '../queue/base-queue.ts'
import { JoinableQueue } from '../queue/queue.ts'
import { Barrier } from '../sync/barrier.ts'
import { Condition } from '../sync/condition.ts'
import { Event } from '../sync/event.ts'
import { RLock } from '../sync/r-lock.ts'
import { BoundedSemaphore, Lock, Semaphore } from '../sync/semaphore.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import { tree } from '../tree/tree.ts'
import { ExternalWait, type WaitSource } from '../wait/external-wait.ts'
import { registerType, typesOf } from './registered-types.ts'

const SERVE = { module: builtFile('manager/server'), export: 'serve' }
/** How long the process may take to end by itself, in milliseconds. */
const GRACE = 1000
let made = 0

/**
 * A process that keeps objects for other processes (Python: multiprocessing.Manager). It makes proxies, which may be sent to any
 * process; every call of a proxy is an operation. All objects are gone after `shutdown`, or when this process ends; SIGINT, as from
 * Ctrl-C, does not end the manager's process.
 *
 * @example
 * const manager = new Manager()
 * yield* manager.start()
 * const results = manager.dict<string, number>()
 * new Process({ target, args: [results] }).start() // there: yield* results.set('answer', 42)
 */
export class Manager implements WaitSource<undefined> {
  /** @internal */
  readonly name = 'Manager.start'
  private readonly context: ContextName
  private process: Process | undefined = undefined
  private isReady = false
  private isShutDown = false
  private readonly waits = new Set<ExternalWait<undefined>>()

  /** @param options `context`: whether it is an operating-system process, the default, or a thread of this process */
  constructor(options: { context?: ContextName | undefined } = {}) {
    this.context = checkContext(checkOptions(options).context ?? 'process')
  }

  /**
   * Lets managers of this class and its subclasses keep objects of a class of your own (Python: BaseManager.register).
   * `manager.create(typeid, ...)` makes one; in plain JavaScript so does `manager[typeid](...)`.
   *
   * @param typeid the name of the type
   * @param target the class, or a function that makes the object
   * @param options `exposed`: the methods that may be called. Default all that do not begin with an underscore
   * @throws {TypeError} for an invalid name, target or list of methods; {RangeError} if the name is that of a method of managers
   */
  static register(typeid: string, target: Target, options: { exposed?: readonly string[] | undefined } = {}): void {
    const { exposed } = checkOptions(options)
    if (exposed !== undefined && !(Array.isArray(exposed) && exposed.every((name) => typeof name === 'string')))
      throw new TypeError(`Expected \`exposed\` to be an array of names of methods, got ${show(exposed)}`)
    // biome-ignore lint/complexity/noThisInStatic: a class that extends this one registers for itself
    registerType(this, typeid, Manager, { target: checkTarget(target), exposed })
  }

  /**
   * Starts the process at once; the returned operation waits until it is ready. Objects may be made right away.
   *
   * @param options `initializer`: a function that the process calls first, with `initargs`
   * @throws {Error} if it was started already; {TypeError} if the initializer is not a target or `initargs` is not an array
   */
  start(
    options: { initializer?: Target | undefined; initargs?: readonly unknown[] | undefined } = {},
  ): Operation<undefined> {
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
    return new ExternalWait<undefined>(this, undefined, () => undefined)
  }

  private changed(): void {
    for (const wait of this.waits) wait.finish()
  }

  /** Ends the process and discards its objects, at once; the returned operation waits until the process has ended. */
  shutdown(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    const { process } = this
    if (process === undefined) throw new Error('Expected the manager to be started: server not yet started')
    this.isShutDown = true
    if (process.isAlive()) tree.note(process.node, ['stop'])
    return new Call<[Process, TimeLimit], undefined>(untilGone, [process, timeoutOf(options) ?? GRACE])
  }

  /** Ends the process, as `shutdown` does. */
  [Symbol.dispose](): void {
    if (this.process !== undefined) this.shutdown()
  }

  /** Ends the process and waits until it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process !== undefined) await this.shutdown()
  }

  /** Has the process make an object, and returns a reference to it. */
  private make(typeid: string, ...args: unknown[]): ObjectRef {
    const { process } = this
    if (process === undefined) throw new Error('Expected the manager to be started: server not yet started')
    if (this.isShutDown) throw new Error('Expected the manager to be running, but it was shut down')
    made += 1
    const name = `${tree.id}:${made}`
    tree.requests.tell({ node: process.node, key: 'maker' }, typeid, [name], encode(args, process.node))
    return ObjectRef.at(process.node, name)
  }

  /** Makes an object of a registered type. Throws {RangeError} if the type is not registered. */
  create<T = Record<string, (...args: unknown[]) => unknown>>(typeid: string, ...args: unknown[]): Proxied<T> {
    if (!typesOf(this.constructor, Manager).has(typeid))
      throw new RangeError(`Expected \`typeid\` to be registered, got ${show(typeid)}`)
    return methodsOf<T>(new BaseProxy(this.make(typeid, ...args)))
  }

  /** Makes a dict from entries or from the properties of an object. */
  dict<K = unknown, V = unknown>(entries?: ReadonlyMap<K, V> | Iterable<readonly [K, V]>): DictProxy<K, V>
  /** Makes a dict from entries or from the properties of an object. */
  dict<K = string, V = unknown>(entries: Entries<K, V>): DictProxy<K, V>
  dict<K = unknown, V = unknown>(entries: Entries<K, V> = []): DictProxy<K, V> {
    return new DictProxy<K, V>(this.make('dict', checkEntries(entries)))
  }

  /** Makes a list. */
  list<T = unknown>(items: Iterable<T> = []): ListProxy<T> {
    return new ListProxy<T>(this.make('list', checkIterable(items, 'items')))
  }

  /** Makes a set. */
  set<T = unknown>(items: Iterable<T> = []): SetProxy<T> {
    return new SetProxy<T>(this.make('set', checkIterable(items, 'items')))
  }

  /** Makes a namespace. */
  Namespace(names: Record<string, unknown> = {}): NamespaceProxy {
    if (typeof names !== 'object' || names === null || Symbol.iterator in names || names instanceof BaseProxy)
      throw wrongType('names', 'an object of values by name', names)
    return new NamespaceProxy(this.make('Namespace', names))
  }

  /** Makes a value. Its type code only documents it, as in Python. */
  Value<T>(_typecode: string, value: T): ValueProxy<T> {
    return new ValueProxy<T>(this.make('Value', value))
  }

  /** Makes an array, which is a list. Its type code only documents it, as in Python. */
  Array<T>(_typecode: string, items: Iterable<T>): ListProxy<T> {
    return this.list(items)
  }

  /** Makes a queue. Like Python's, a `queue.Queue`, it has `taskDone` and `join` too. */
  Queue<T = unknown>(maxsize?: number): JoinableQueue<T> {
    const bound = checkMaxsize(maxsize)
    return new JoinableQueue<T>(bound, this.make('Queue', bound))
  }

  /** Makes a queue whose `join` waits until all of its items have been processed. */
  JoinableQueue<T = unknown>(maxsize?: number): JoinableQueue<T> {
    return this.Queue(maxsize)
  }

  /** Makes a lock. */
  Lock(): Lock {
    return new Lock(this.make('Lock'))
  }

  /** Makes a reentrant lock. */
  RLock(): RLock {
    return new RLock(this.make('RLock'))
  }

  /** Makes a semaphore. */
  Semaphore(value = 1): Semaphore {
    return new Semaphore(this.make('Semaphore', checkWhole(value, 'value', 0)))
  }

  /** Makes a semaphore that cannot be released more often than it was acquired. */
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

  /** Makes a barrier, without an action. `timeout`, alone or among the options, is the default timeout of its `wait`. */
  Barrier(parties: number, options?: { timeout?: TimeLimit } | number): Barrier {
    const timeout = typeof options === 'object' ? timeoutOf(options) : options
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
  enter(wait: ExternalWait<undefined>): void {
    this.waits.add(wait)
    tree.hold()
  }

  /** @internal */
  leave(wait: ExternalWait<undefined>): void {
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

refuseToSend([Manager])
