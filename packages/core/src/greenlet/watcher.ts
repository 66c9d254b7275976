import { runCallback } from '../engine/callback.ts'
import { checkCallable, type TimeLimit } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { ConcurrentObjectUseError } from '../errors/concurrent-object-use-error.ts'
import { CallbackWait } from './callback-wait.ts'
import { errorOf } from './raw-greenlet.ts'

/**
 * An object that calls back when something has happened outside the hub, from its start until it is stopped (gevent: a watcher).
 */
export interface Watcher {
  /** Starts watching. The callback may be called from anywhere, even from within `start`. */
  start(callback: () => void): unknown
  /** Stops watching; called once for each start. */
  stop(): unknown
  /** Releases the watcher's resources. */
  close?(): unknown
}

/** The functions that end the wait for each watcher. */
const waits = new WeakMap<Watcher, (error?: Error) => void>()

/** Waits for a watcher; see `Hub.wait`. */
export function waitForWatcher(watcher: Watcher, timeout: TimeLimit): Operation<undefined> {
  checkWatcher(watcher)
  return new CallbackWait<undefined>(function watch(resume) {
    if (waits.has(watcher)) throw new ConcurrentObjectUseError('Expected one greenlet at a time to wait at a watcher')
    let isOver = false
    const leave = (): void => {
      isOver = true
      waits.delete(watcher)
      watcher.stop()
    }
    const end = (error?: Error): void => {
      if (isOver) return
      leave()
      resume(error)
    }
    watcher.start(() => end())
    if (!isOver) waits.set(watcher, end)
    return leave
  }, timeout)
}

/** Ends the wait for a watcher; see `Hub.cancelWait`. */
export function cancelWatcherWait(watcher: Watcher, error: Error | (new () => Error), closeWatcher: boolean): void {
  checkWatcher(watcher)
  const thrown = errorOf(error)
  const cancel = () => {
    waits.get(watcher)?.(thrown)
    if (closeWatcher) watcher.close?.()
  }
  runCallback(cancel)
}

function checkWatcher(watcher: Watcher): void {
  checkCallable((watcher as Watcher | undefined | null)?.start, 'watcher.start')
  checkCallable(watcher.stop, 'watcher.stop')
}
