import { Blocking } from '../engine/blocking.ts'
import { Callback } from '../engine/callback.ts'
import { show, type TimeLimit } from '../engine/check.ts'
import { loop } from '../engine/loop.ts'
import { ConcurrentObjectUseError } from '../errors/hub-errors.ts'
import { errorOf } from './raw-greenlet.ts'
import { Timeout } from './timeout.ts'

/** What calls back when something has happened outside the hub, from its start until it is stopped (gevent: a watcher). */
export interface Watcher {
  /** Begins to watch. The callback may be called from anywhere, also from in here. */
  start(callback: () => void): unknown
  /** Ends that; called once for each start. */
  stop(): unknown
  /** Frees what it holds. */
  close?(): unknown
}

/** Who waits for which watcher. */
const waits = new WeakMap<Watcher, WatcherWait>()

class WatcherWait extends Blocking<undefined> {
  private readonly watcher: Watcher
  private readonly timeout: TimeLimit
  private hasHappened = false

  constructor(watcher: Watcher, timeout: TimeLimit) {
    super()
    this.watcher = watcher
    this.timeout = timeout
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    if (waits.has(this.watcher))
      throw new ConcurrentObjectUseError('Expected one greenlet at a time to wait for a watcher')
    waits.set(this.watcher, this)
    try {
      this.watcher.start(() => this.happened())
    } catch (error) {
      waits.delete(this.watcher)
      throw error
    }
    if (this.hasHappened) {
      this.cancel()
      return true
    }
    this.limit(this.timeout)
    return false
  }

  private happened(): void {
    this.hasHappened = true
    if (!this.isWaiting) return
    this.cancel()
    this.wake(undefined)
  }

  /** Ends the wait with an error; from the hub. */
  end(error: Error): void {
    if (!this.isWaiting) return
    this.cancel()
    this.throwTo(error)
  }

  cancel(): void {
    if (waits.get(this.watcher) !== this) return
    waits.delete(this.watcher)
    this.watcher.stop()
  }

  override expire(): never {
    throw typeof this.timeout === 'object' ? this.timeout.raised : new Timeout(this.timeout)
  }

  describe(): string {
    return `hub.wait(${show(this.watcher)})`
  }
}

/** Waits for a watcher; see `Hub.wait`. */
export function waitForWatcher(watcher: Watcher, timeout: TimeLimit): WatcherWait {
  return new WatcherWait(checkWatcher(watcher), timeout)
}

/** Ends the wait for a watcher; see `Hub.cancelWait`. */
export function cancelWatcherWait(watcher: Watcher, error: Error | (new () => Error), closeWatcher: boolean): void {
  checkWatcher(watcher)
  const thrown = errorOf(error)
  const cancel = () => {
    waits.get(watcher)?.end(thrown)
    if (closeWatcher) watcher.close?.()
  }
  loop.ready(new Callback(cancel, []))
}

function checkWatcher(watcher: Watcher): Watcher {
  const candidate = watcher as Partial<Watcher> | undefined | null
  if (typeof candidate?.start === 'function' && typeof candidate.stop === 'function') return watcher
  throw new TypeError(`Expected \`watcher\` to have \`start\` and \`stop\`, got ${show(watcher)}`)
}
