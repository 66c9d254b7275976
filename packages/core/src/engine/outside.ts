import { loop } from './loop.ts'

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
 * before this returns, and not in a microtask later. Only from where the native stack holds nothing of the hub's or of a user's.
 */
export function beginBatch<A>(callback: (argument: A) => void, argument: A): void {
  loop.beginBatch(callback, argument)
}
