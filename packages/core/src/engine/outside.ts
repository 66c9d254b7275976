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
