import { loop } from './loop.ts'
import { runtime } from './runtime.ts'

/**
 * Says that something outside the hub is going to call back, though no blocking call waits for it directly: until as many calls of
 * `letGoOutside`, nothing counts as deadlocked.
 */
export function holdOutside(): void {
  loop.externalWaits += 1
}

/** Takes one `holdOutside` back. */
export function letGoOutside(): void {
  loop.externalWaits -= 1
  loop.wake()
}

/**
 * Runs a callback of the platform's (a socket's, a port's) as the beginning of a turn of the hub: the greenlets that it wakes run
 * before this returns, and not in a microtask later. Inside of a greenlet's turn or the hub's it is only called: nobody runs on top
 * of another.
 */
export function beginBatch<A>(callback: (argument: A) => void, argument: A): void {
  if (runtime.current === null) loop.beginBatch(callback, argument)
  else callback(argument)
}
