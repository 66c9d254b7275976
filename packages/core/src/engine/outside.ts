import { loop } from './loop.ts'
import { runtime } from './runtime.ts'

/**
 * Announces that something outside the hub will call back, although no blocking call waits for it directly. Nothing counts as a
 * deadlock until `letGoOutside` has been called as many times.
 *
 * @example
 * holdOutside()
 * process.once('SIGUSR2', () => {
 *   letGoOutside()
 *   event.set()
 * })
 */
export function holdOutside(): void {
  loop.externalWaits += 1
}

/**
 * Undoes one `holdOutside`.
 *
 * @example
 * holdOutside()
 * letGoOutside() // deadlocks are detected again
 */
export function letGoOutside(): void {
  loop.externalWaits -= 1
  loop.wake()
}

/**
 * Runs a callback of the platform (of a socket, of a port) as the beginning of a turn of the hub: the greenlets it wakes run
 * before this returns, not in a microtask later. During a turn of a greenlet or of the hub the callback is merely called: no
 * greenlet runs on top of another.
 *
 * @example
 * server.on('connection', (netSocket: Socket) => beginBatch((accepted: Socket) => queue.putNowait(accepted), netSocket))
 */
export function beginBatch<A>(callback: (argument: A) => void, argument: A): void {
  // Work that is already due keeps its turn: a batch for each callback would keep the platform from the next one.
  if (runtime.current !== null || loop.draining || loop.scheduled) {
    callback(argument)
    return
  }
  loop.draining = true
  try {
    callback(argument)
  } finally {
    loop.drain()
  }
}
